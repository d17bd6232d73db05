using System.Text.Json.Serialization;
using Fleet.Agent.Logging;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Rsync.Ownership;

/// <summary>Whose a destination is: the file .fleet-owner.json in it. It is never transferred, and no mirror deletes it.</summary>
internal sealed record OwnerMarker
{
    public const string FileName = ".fleet-owner.json";

    /// <summary>Larger is none.</summary>
    public const int MaxBytes = 16 * 1024;

    /// <summary>SHA-256 of the certificate of the fleet's authority, hex.</summary>
    public required string Fleet { get; init; }

    /// <summary>Empty for a folder of dated trees, which policies of one host may share.</summary>
    public required string Policy { get; init; }

    public required string HostId { get; init; }

    public required string Host { get; init; }

    /// <summary>
    /// Inode of the folder that it was written into: in a copy of that folder it claims nothing. 0: a folder on another machine.
    /// </summary>
    public ulong Folder { get; init; }

    public static OwnerMarker Of(ActionContext context, ulong folder) => new()
    {
        Fleet = context.FleetId,
        Policy = context.Action.Rsync.Mode == RsyncMode.Versions ? "" : context.Policy,
        HostId = context.HostId,
        Host = context.HostName,
        Folder = folder,
    };

    /// <summary>
    /// The same policy of the same fleet on the same host. A host that was enrolled again has another id, and since names are unique in a
    /// fleet still is the one that its name says.
    /// </summary>
    public bool IsOf(ActionContext context) =>
        Fleet == context.FleetId
            && (Policy.Length == 0 || Policy == context.Policy)
            && (HostId == context.HostId || Host == context.HostName);

    /// <summary>For messages: "policy home of host web1". Safe to show.</summary>
    public string Describe(ActionContext context)
    {
        var policy = Policy.Length == 0 ? "" : $"policy {LogText.Escape(Policy)} of ";
        var fleet = Fleet == context.FleetId ? "" : $" of another fleet ({LogText.Escape(Fleet[..Math.Min(8, Fleet.Length)])})";
        return $"{policy}host {LogText.Escape(Host)}{fleet}";
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
[JsonSerializable(typeof(OwnerMarker))]
internal sealed partial class OwnerMarkerJson : JsonSerializerContext;
