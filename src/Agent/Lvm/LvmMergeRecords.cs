using System.Text.Json;
using System.Text.Json.Serialization;
using Fleet.Agent.Storage;

namespace Fleet.Agent.Lvm;

/// <summary>
/// The merges that are not known to be complete, kept across crashes and reboots: a file RUN.json for each. Thread-safe. Calls may throw
/// <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.
/// </summary>
internal sealed class LvmMergeRecords(string folder)
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _running = [];

    /// <summary>Before the merge is asked for. While its run lasts, nobody else judges it.</summary>
    public void Begin(LvmMergeRecord record)
    {
        lock (_gate)
        {
            DurableFile.CreateFolder(folder);
            DurableFile.Write(FileOf(record.RunId), JsonSerializer.SerializeToUtf8Bytes(record, LvmMergeRecordJson.Default.LvmMergeRecord));
            _running.Add(record.RunId);
        }
    }

    /// <summary>The run has ended: from now on it is watched.</summary>
    public void HandOver(string runId)
    {
        lock (_gate)
        {
            _running.Remove(runId);
        }
    }

    /// <summary>It is complete, or there is nothing to wait for.</summary>
    public void Remove(string runId)
    {
        lock (_gate)
        {
            _running.Remove(runId);
            File.Delete(FileOf(runId));
        }
    }

    /// <summary>Of an earlier attempt of this run. Null if there is none.</summary>
    public LvmMergeRecord? Find(string runId)
    {
        lock (_gate)
        {
            return Read(FileOf(runId));
        }
    }

    /// <summary>Those that no run is working on. An unreadable file is set aside as *.damaged.</summary>
    /// <param name="damage">What was set aside, safe to show. Null if there is nothing.</param>
    public IReadOnlyList<LvmMergeRecord> ToWatch(out string? damage)
    {
        damage = null;
        List<LvmMergeRecord> records = [];
        lock (_gate)
        {
            foreach (var file in Directory.Exists(folder) ? Directory.GetFiles(folder, "*.json") : [])
            {
                if (Read(file) is not { } record)
                {
                    File.Move(file, file + ".damaged", overwrite: true);
                    damage = $"{Logging.LogText.Escape(file)} was not understood and is kept as *.damaged: it is not known whether its "
                        + $"merge is complete";
                }
                else if (!_running.Contains(record.RunId))
                {
                    records.Add(record);
                }
            }
        }

        return records;
    }

    private static LvmMergeRecord? Read(string file)
    {
        try
        {
            return DurableFile.ReadIfExists(file) is { } content
                && JsonSerializer.Deserialize(content, LvmMergeRecordJson.Default.LvmMergeRecord) is { } record
                && Path.GetFileNameWithoutExtension(file) == record.RunId && Protocol.Edge.RunId.TryRead(record.RunId) is not null
                && record is
                {
                    Snapshot: not null, SnapshotUuid: not null, Group: not null, Volume: not null, VolumeUuid: not null,
                    Safety: not null
                }
                    ? record
                    : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <exception cref="FormatException">No run id: it would be another path.</exception>
    private string FileOf(string runId) => Path.Join(folder, Protocol.Edge.RunId.Parse(runId) + ".json");
}

/// <summary>A merge that was requested and is not known to be complete.</summary>
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
