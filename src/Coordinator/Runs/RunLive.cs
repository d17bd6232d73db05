using System.Collections.Concurrent;
using Fleet.Coordinator.Grains;
using Fleet.Coordinator.Limits;
using Fleet.Coordinator.Meters;
using Fleet.Coordinator.State.Runs;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Google.Protobuf;

namespace Fleet.Coordinator.Runs;

/// <summary>Takes what agents send about running runs and may get lost: progress and log lines.</summary>
internal sealed class RunLive(FleetStore store, IGrainFactory grains, RunLogWriter log, HostBudgets budgets)
{
    /// <summary>The hosts of runs that are in progress. Cleared if it grows beyond all reason.</summary>
    private readonly ConcurrentDictionary<string, string> _hostOf = new(StringComparer.Ordinal);
    private const int MaxKnown = 50_000;

    public async ValueTask ProgressAsync(string hostId, string hostName, RunProgressUpdate update)
    {
        if (!budgets.Of(hostId).TryProgress())
        {
            LeftOut(hostId, hostName, Budget.Progress, 1);
        }
        else if (update.Progress is not null && await BelongsAsync(update.RunId, hostId))
        {
            await grains.GetGrain<IRunGrain>(update.RunId).ReportProgressAsync(
                new ProgressReport(update.Attempt, update.Progress.ToByteArray()));
        }
    }

    /// <summary>Never waits for the store: lines that come too fast are left out.</summary>
    public async ValueTask LogAsync(string hostId, string hostName, RunLogLines lines)
    {
        if (lines.Lines.Count == 0)
        {
            return;
        }

        var taken = budgets.Of(hostId).TakeLines(lines.Lines.Select(RunLogStore.Size));
        if (taken > 0 && await BelongsAsync(lines.RunId, hostId) && !log.TryTake(hostId, lines.RunId, [.. lines.Lines.Take(taken)]))
        {
            taken = 0;
        }

        if (taken < lines.Lines.Count)
        {
            LeftOut(hostId, hostName, Budget.LogLines, lines.Lines.Count - taken);
        }
    }

    /// <summary>Records that the run has ended.</summary>
    public void Forget(string runId) => _hostOf.TryRemove(runId, out _);

    private void LeftOut(string hostId, string hostName, Budget budget, long amount)
    {
        if (budget == Budget.LogLines)
        {
            CoordinatorMeter.LogLinesDropped.Add(amount);
        }

        if (budgets.Of(hostId).Exceeded(budget, amount))
        {
            store.WriteInBackgroundAsync(transaction =>
            {
                HostBudgets.Tell(transaction, hostId, hostName, budget);
                return true;
            }).Forget();
        }
    }

    /// <summary>A host may only report about its own runs.</summary>
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
