using System.Collections.Concurrent;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Google.Protobuf;

namespace Fleet.Coordinator.Runs;

/// <summary>Takes what agents send about running runs and what may get lost: progress and log lines.</summary>
internal sealed class RunLive(SqliteStore store, IGrainFactory grains, RunLogWriter log)
{
    /// <summary>Whose run it is; only of runs that are in progress. Emptied when it grows beyond all reason.</summary>
    private readonly ConcurrentDictionary<string, string> _hostOf = new(StringComparer.Ordinal);
    private const int MaxKnown = 50_000;

    public async ValueTask ProgressAsync(string hostId, RunProgressUpdate update)
    {
        if (update.Progress is not null && await BelongsAsync(update.RunId, hostId))
        {
            await grains.GetGrain<IRunGrain>(update.RunId).ReportProgressAsync(
                new ProgressReport(update.Attempt, update.Progress.ToByteArray()));
        }
    }

    public async ValueTask LogAsync(string hostId, RunLogLines lines, CancellationToken cancellationToken)
    {
        if (lines.Lines.Count > 0 && await BelongsAsync(lines.RunId, hostId))
        {
            await log.TakeAsync(lines, cancellationToken);
        }
    }

    /// <summary>The run has ended.</summary>
    public void Forget(string runId) => _hostOf.TryRemove(runId, out _);

    /// <summary>A host speaks for its own runs only.</summary>
    private async ValueTask<bool> BelongsAsync(string runId, string hostId)
    {
        if (!_hostOf.TryGetValue(runId, out var owner))
        {
            var run = await store.ReadAsync(reader => RunStore.Find(reader, runId));
            if (run is null)
            {
                return false;
            }

            if (_hostOf.Count > MaxKnown)
            {
                _hostOf.Clear();
            }

            owner = run.HostId;
            _hostOf[runId] = owner;
        }

        return owner == hostId;
    }
}
