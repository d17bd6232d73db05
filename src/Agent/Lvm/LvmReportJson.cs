using System.Text.Json.Serialization;

namespace Fleet.Agent.Lvm;

/// <summary>What lvs, vgs and pvs print with --reportformat json: every value is text, whatever it means.</summary>
internal sealed record LvmReportJson
{
    public IReadOnlyList<Part>? Report { get; init; }

    /// <summary>One of the lists; which one depends on the tool.</summary>
    internal sealed record Part
    {
        public IReadOnlyList<Volume>? Lv { get; init; }

        public IReadOnlyList<Group>? Vg { get; init; }

        public IReadOnlyList<Device>? Pv { get; init; }
    }

    /// <summary>Columns of <see cref="LvmCommands.Volumes"/>.</summary>
    internal sealed record Volume
    {
        public string? LvUuid { get; init; }

        public string? VgName { get; init; }

        public string? LvName { get; init; }

        public string? LvAttr { get; init; }

        public string? LvSize { get; init; }

        public string? LvTags { get; init; }

        public string? LvTime { get; init; }

        public string? LvActive { get; init; }

        public string? LvSkipActivation { get; init; }

        public string? LvLayout { get; init; }

        public string? LvRole { get; init; }

        public string? LvHealthStatus { get; init; }

        public string? LvMerging { get; init; }

        public string? LvMergeFailed { get; init; }

        public string? LvSnapshotInvalid { get; init; }

        public string? LvWhenFull { get; init; }

        public string? PoolLv { get; init; }

        public string? PoolLvUuid { get; init; }

        public string? Origin { get; init; }

        public string? OriginUuid { get; init; }

        public string? DataPercent { get; init; }

        public string? MetadataPercent { get; init; }

        public string? LvMetadataSize { get; init; }

        public string? SegMonitor { get; init; }
    }

    /// <summary>Columns of <see cref="LvmCommands.Groups"/>.</summary>
    internal sealed record Group
    {
        public string? VgUuid { get; init; }

        public string? VgName { get; init; }

        public string? VgAttr { get; init; }

        public string? VgSize { get; init; }

        public string? VgFree { get; init; }

        public string? VgExtentSize { get; init; }

        public string? VgMissingPvCount { get; init; }

        public string? VgTags { get; init; }
    }

    /// <summary>Columns of <see cref="LvmCommands.Devices"/>.</summary>
    internal sealed record Device
    {
        public string? PvUuid { get; init; }

        public string? PvName { get; init; }

        public string? VgName { get; init; }

        public string? PvSize { get; init; }

        public string? PvFree { get; init; }

        public string? PvMissing { get; init; }
    }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(LvmReportJson))]
internal sealed partial class LvmReportJsonContext : JsonSerializerContext;
