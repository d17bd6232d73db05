using System.Text.Json.Serialization;

namespace Fleet.Agent.Identity;

/// <summary>host.json: what of the identity is not in the certificate.</summary>
internal sealed record HostRecord(string HostId, string HostName, IReadOnlyList<string> Coordinators);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(HostRecord))]
internal sealed partial class HostRecordJson : JsonSerializerContext;
