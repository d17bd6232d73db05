using System.Text.Json.Serialization;

namespace Fleet.Agent.Lvm;

/// <summary>A merge that was asked for and is not known to be through.</summary>
internal sealed record LvmMergeRecord
{
    /// <summary>32 lower-case hex digits.</summary>
    public required string RunId { get; init; }

    /// <summary>Full name, before the merge hid it.</summary>
    public required string Snapshot { get; init; }

    public required string SnapshotUuid { get; init; }

    public required string Group { get; init; }

    /// <summary>What gets the content: full name.</summary>
    public required string Volume { get; init; }

    public required string VolumeUuid { get; init; }

    /// <summary>Full name of the snapshot of the state before.</summary>
    public required string Safety { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(LvmMergeRecord))]
internal sealed partial class LvmMergeRecordJson : JsonSerializerContext;
