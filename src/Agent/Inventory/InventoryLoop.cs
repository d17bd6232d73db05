using Fleet.Actions;
using Fleet.Agent.Connection;
using Fleet.Agent.Edge;
using Microsoft.Extensions.Logging;

namespace Fleet.Agent.Inventory;

/// <summary>
/// Reports to the coordinator what this host has in ZFS and LVM: when a session begins, at an interval, and soon after a run that may have
/// changed it. Without a session nothing is read, since nobody would receive it.
/// </summary>
/// <param name="interval">Null if off.</param>
internal sealed partial class InventoryLoop(
    HostStorage storage, Func<TimeSpan?> interval, SendQueue queue, TimeProvider time, ILogger logger)
{
    /// <summary>
    /// Runs that end together make one look; and what changed less than two seconds ago would have to be listed again, see
    /// <see cref="Zfs.Listing.ZfsSnapshotCache"/>.
    /// </summary>
    private static readonly TimeSpan SettlePause = TimeSpan.FromSeconds(3);

    private readonly ReportedLists _lists = new();
    private TaskCompletionSource _wake = NewSignal();
    private long _due = long.MaxValue;

    /// <summary>A session begins: everything is reported again.</summary>
    public void SessionOpened()
    {
        _lists.Forget();
        Want(TimeSpan.Zero);
    }

    /// <summary>The coordinator has a report.</summary>
    public void Acknowledge(long generation) => _lists.Acknowledge(generation);

    /// <summary>A run has ended; if it may have changed pools, groups or snapshots, they are looked at soon.</summary>
    public void RunEnded(RunHead run)
    {
        if (run is not RunOrder { Action: var action })
        {
            return;
        }

        if (ActionKinds.Of(action) is not { } kind)
        {
            return;
        }

        foreach (var dataset in kind.DatasetsWithChangedHolds(action))
        {
            storage.HoldsChanged(dataset);
        }

        if (kind.ChangesStorage)
        {
            Want(SettlePause);
        }
    }

    /// <summary>The options have changed.</summary>
    public void ReconsiderInterval() => Interlocked.Exchange(ref _wake, NewSignal()).TrySetResult();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Interlocked.CompareExchange(ref _due, Due(interval() ?? TimeSpan.Zero), long.MaxValue);
        while (!cancellationToken.IsCancellationRequested)
        {
            // Asked for before looking, so that no wish in between is missed.
            var woken = Volatile.Read(ref _wake).Task;
            if (interval() is not { } every)
            {
                await woken.WaitAsync(cancellationToken);
                continue;
            }

            var rest = Rest(every);
            if (rest > TimeSpan.Zero)
            {
                using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                await Task.WhenAny(Task.Delay(rest, time, enough.Token), woken);
                await enough.CancelAsync();
                continue;
            }

            Interlocked.Exchange(ref _due, Due(every));
            await LookAsync(cancellationToken);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private long Due(TimeSpan after) => time.GetTimestamp() + (long)(after.TotalSeconds * time.TimestampFrequency);

    /// <summary>Until the next look; an interval that became shorter holds from now on.</summary>
    private TimeSpan Rest(TimeSpan every)
    {
        var rest = time.GetElapsedTime(time.GetTimestamp(), Interlocked.Read(ref _due));
        return rest < every ? rest : every;
    }

    private void Want(TimeSpan after)
    {
        var due = Due(after);
        for (var before = Interlocked.Read(ref _due); due < before; before = Interlocked.Read(ref _due))
        {
            if (Interlocked.CompareExchange(ref _due, due, before) == before)
            {
                break;
            }
        }

        ReconsiderInterval();
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        if (!queue.IsOpen)
        {
            return;
        }

        try
        {
            var began = time.GetTimestamp();
            var stock = await storage.LookAsync(cancellationToken);
            var took = time.GetElapsedTime(began).TotalMilliseconds;
            var message = InventoryMessage.Create(stock);
            var (generation, lists) = _lists.Next(SnapshotSource.Of(stock));
            var parts = ReportParts.Create(generation, message, lists);
            queue.TryReport(parts);
            LogReported(generation, took, message.Pools.Count, message.Groups.Count, lists.Count, parts.Count, message.Problems.Count);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // Whatever it is, runs and metrics continue, and the next attempt may succeed.
            LogFailed(e);
        }
    }
}
