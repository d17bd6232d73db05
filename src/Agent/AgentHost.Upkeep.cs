using Fleet.Agent.LocalSchedule;
using Fleet.Agent.Lvm;
using Fleet.Agent.Runs;
using Fleet.Agent.Session;
using Fleet.Agent.Timing;

namespace Fleet.Agent;

/// <summary>
/// What has to be looked at now and then. Each part says when it wants that; while all is well the watchdog is the only one.
/// </summary>
internal sealed partial class AgentHost
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MergePause = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan SessionHangs = TimeSpan.FromMinutes(3);

    /// <summary>Made with the parts; a reload that was asked for before is found when they begin.</summary>
    private WakeUp? _upkeep;

    private async Task KeepUpAsync(Parts parts, Action reload, SharedTimer timer, CancellationToken cancellationToken)
    {
        var wakeUp = new WakeUp(timer);
        Volatile.Write(ref _upkeep, wakeUp);
        parts.Ledger.Failed += wakeUp.Pulse;
        parts.Runs.Waits += wakeUp.Pulse;
        parts.Session.ConnectedChanged += wakeUp.Pulse;
        parts.Runs.Ended += _ => wakeUp.Pulse();
        var (connected, handledReloads) = (false, 0);
        while (true)
        {
            var wasConnected = connected;
            connected = parts.Session.Connected;
            parts.Ledger.Retry();
            parts.Runs.Tick();

            // What a session covered ends when it ends, and not when it was looked at last.
            var next = connected || wasConnected ? parts.Local.Tick(connected: true) : Timeout.InfiniteTimeSpan;
            next = connected ? next : parts.Local.Tick(connected: false);
            if (handledReloads != Volatile.Read(ref _reloads))
            {
                handledReloads = Volatile.Read(ref _reloads);
                reload();
                parts.Runs.Tick();
            }

            // This loop does the work; it vouches for the session's loop only while that one goes round.
            if (parts.Session.SinceProgress < SessionHangs)
            {
                systemd.Watchdog();
            }

            next = parts.Ledger.WantsRetry || parts.Runs.AnyWaits ? Sooner(next, RetryPause) : next;
            next = systemd.WatchdogInterval is { } watchdog ? Sooner(next, watchdog / 2) : next;
            await wakeUp.WaitAsync(next, next == Timeout.InfiniteTimeSpan ? TimeSpan.Zero : next / 2, cancellationToken);
        }
    }

    private static TimeSpan Sooner(TimeSpan one, TimeSpan other) => one == Timeout.InfiniteTimeSpan || other < one ? other : one;

    private static async Task WatchMergesAsync(LvmMergeWatch watch, SharedTimer timer, CancellationToken cancellationToken)
    {
        var wakeUp = new WakeUp(timer);
        while (true)
        {
            await watch.CheckAsync(cancellationToken);
            await wakeUp.WaitAsync(MergePause, MergePause / 4, cancellationToken);
        }
    }

    private void TellMerge(RunLedger ledger, string code, string message, LvmMergeRecord? merge)
    {
        LogMerge(message);
        ledger.Notice(code, message, merge is null ? [] : [
            ("run_id", merge.RunId), ("volume", merge.Volume), ("snapshot", merge.Snapshot), ("safety", merge.Safety)]);
    }

    /// <summary>What is looked at.</summary>
    private sealed record Parts(RunManager Runs, RunLedger Ledger, LocalScheduler Local, SessionClient Session);
}
