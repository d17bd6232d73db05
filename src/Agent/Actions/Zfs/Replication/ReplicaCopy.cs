using Fleet.Agent.Zfs;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Agent.Actions.Zfs.Replication;

/// <summary>
/// Brings the copy of one dataset up to date. What is interrupted leaves a state from which the next run continues: before a snapshot is
/// sent it is held on the source, and only when its copy is there and held as well are older holds and bookmarks dropped.
/// </summary>
internal sealed class ReplicaCopy(
    ReplicationSide source, ReplicationSide target, SendReceive pipe, ReplicationNames names, Func<ZfsSnapshot, bool> wanted,
    ActionContext context)
{
    private readonly List<string> _notes = [];
    private readonly List<(string Copy, ZfsSnapshot Original)> _arrived = [];

    /// <summary>What went wrong without stopping it. Sentences for people, safe to show.</summary>
    public IReadOnlyList<string> Notes => _notes;

    public int SnapshotsSent => _arrived.Count;

    public bool Resumed { get; private set; }

    /// <summary>A further attempt may help.</summary>
    public bool Retryable { get; private set; }

    public async Task<ZfsReplica> RunAsync(ReplicationStock from, ReplicationStock to, CancellationToken cancellationToken)
    {
        if (from.Dataset!.MasksOwnership)
        {
            return Replica(from, to, ZfsReplicaState.Behind, $"{from.Name} itself carries fleet:policy or fleet:run, which its snapshots "
                + $"inherit, so nothing tells which of them Fleet made: remove them with zfs inherit");
        }

        if (to.Dataset?.ReceiveResumeToken is { } token)
        {
            (to, var stop) = await GoOnAsync(from, to, token, cancellationToken);
            if (stop is not null)
            {
                return Replica(from, to, to.Snapshots.Count == 0 && !Retryable ? ZfsReplicaState.Diverged : ZfsReplicaState.Behind, stop);
            }
        }

        var plan = ReplicaPlan.Create(from.Name, to.Name, from.Snapshots, wanted, from.Bookmarks, to.Dataset is not null, to.Snapshots);
        if (plan.State is not (ZfsReplicaState.Current or ZfsReplicaState.Behind))
        {
            return Replica(from, to, plan.State, plan.Problem);
        }

        if (to.Dataset is { ReadOnly: false })
        {
            _notes.Add(
                $"{to.Name}{target.Query.Place} is not read-only: anything written there stops the replication (zfs set readonly=on)");
        }

        return await CarryOutAsync(plan, from, to, cancellationToken);
    }

    private async Task<ZfsReplica> CarryOutAsync(
        ReplicaPlan plan, ReplicationStock from, ReplicationStock to, CancellationToken cancellationToken)
    {
        var newest = plan.Base;
        ZfsError? error = null;
        var done = 0;
        foreach (var step in plan.Steps)
        {
            error = await SendAsync(from, to, step, plan.Base is null && done == 0, $"{done + 1} of {plan.Steps.Count}", cancellationToken);
            if (error is not null)
            {
                break;
            }

            done++;
            newest = new ReplicaPlan.Common(step.To.FullName, step.To.Guid, step.To, $"{to.Name}@{step.To.Name}");
            _arrived.AddRange(step.Arriving.Select(s => ($"{to.Name}@{s.Name}", s)));
        }

        if (newest is not null)
        {
            await SettleAsync(newest, plan.Unmarked, from, to, cancellationToken);
        }

        if (error is null)
        {
            return Replica(from, to, ZfsReplicaState.Current, "", newest);
        }

        Retryable = error.Retryable;
        var isModified = error.Kind is ZfsErrorKind.TargetModified or ZfsErrorKind.TargetDiverged;
        var replica = Replica(from, to, isModified ? ZfsReplicaState.Diverged : ZfsReplicaState.Behind, error.Message, newest);
        replica.BehindSince = Timestamp.FromDateTimeOffset(plan.Steps[done].Arriving[0].Creation);
        return replica;
    }

    private async Task<ZfsError?> SendAsync(
        ReplicationStock from, ReplicationStock to, ReplicationStep step, bool isFirst, string number, CancellationToken cancellationToken)
    {
        // Held before anything is sent, so that what broke off can be resumed whatever a pruning does.
        if (!from.Held.Contains(step.To.FullName)
            && await source.DoAsync(from.Name, ReplicationCommands.Hold(names.SourceTag, step.To.FullName),
                cancellationToken) is { } error and not { Kind: ZfsErrorKind.HoldMismatch })
        {
            return error;
        }

        var raw = from.Dataset!.EncryptionRoot is not null;
        var (estimate, askError) = await source.EstimateAsync(
            from.Name, ReplicationCommands.Send(step, raw, dryRun: true), cancellationToken);
        if (askError is not null)
        {
            return askError;
        }

        var phase = $"{from.Name}: sending @{step.To.Name} ({number})";
        context.Log.Say(phase);
        return await pipe.RunAsync(
            from.Name, ReplicationCommands.Send(step, raw, dryRun: false), to.Name,
            ReplicationCommands.Receive(to.Name, isFirst ? from.Dataset.Type : null), phase, estimate.SizeBytes, cancellationToken);
    }

    /// <summary>
    /// Resumes an interrupted transfer. One whose snapshot is gone from the source is dropped: nothing else can be done with it.
    /// </summary>
    /// <returns>The target as it is then, and why that is the end of it; null if the replication can continue.</returns>
    private async Task<(ReplicationStock To, string? Stop)> GoOnAsync(
        ReplicationStock from, ReplicationStock to, string token, CancellationToken cancellationToken)
    {
        var (plan, error) = await source.EstimateAsync(from.Name, ReplicationCommands.Resume(token, dryRun: true), cancellationToken);
        var isKnown = plan.ResumedGuid is { } guid && from.Snapshots.Any(s => s.Guid == guid);
        var isOurs = isKnown || plan.ResumedName.StartsWith($"{from.Name}@", StringComparison.Ordinal);
        if (error is not null and not { Kind: ZfsErrorKind.TokenDead or ZfsErrorKind.DoesNotExist })
        {
            Retryable = error.Retryable;
            return (to, error.Message);
        }

        if (!isOurs)
        {
            return (to,
                $"{to.Name} holds an interrupted transfer of something other than {from.Name}: finish it, or drop it with zfs receive -A");
        }

        if (error is not null || !isKnown)
        {
            _notes.Add($"an interrupted transfer to {to.Name} was dropped, because its snapshot is gone from {from.Name}");
            error = await target.DoAsync(to.Name, ReplicationCommands.DropPartial(to.Name), cancellationToken);
        }
        else
        {
            var phase = $"{from.Name}: resuming an interrupted transfer";
            context.Log.Say(phase);
            error = await pipe.RunAsync(
                from.Name, ReplicationCommands.Resume(token, dryRun: false), to.Name, ReplicationCommands.Receive(to.Name,
                    to.Snapshots.Count == 0 ? from.Dataset!.Type : null), phase, plan.SizeBytes, cancellationToken);
            Resumed = error is null;
        }

        if (error is not null)
        {
            Retryable = error.Retryable;
            return (to, error.Message);
        }

        return await LookAgainAsync(to, cancellationToken);
    }

    private async Task<(ReplicationStock To, string? Stop)> LookAgainAsync(ReplicationStock to, CancellationToken cancellationToken)
    {
        var (datasets, error) = await target.DatasetsAsync(to.Name, cancellationToken);
        if (error is null)
        {
            if (datasets.FirstOrDefault(d => d.Name == to.Name) is not { } found)
            {
                return (to with { Dataset = null, Snapshots = [] }, null);
            }

            (var stock, error) = await ReplicationStock.ReadAsync(
                target, [found], names.TargetTag, withBookmarks: false, cancellationToken);
            if (error is null && stock.TryGetValue(to.Name, out var again))
            {
                return (again, null);
            }
        }

        Retryable = true;
        return (to, error?.Message ?? $"{to.Name} cannot be inspected");
    }

    /// <summary>
    /// Protects what both sides have now, and releases what that replaces. What fails here is repaired by the next run.
    /// </summary>
    private async Task SettleAsync(
        ReplicaPlan.Common newest, IReadOnlyList<(string Copy, ZfsSnapshot Original)> unmarked, ReplicationStock from, ReplicationStock to,
        CancellationToken cancellationToken)
    {
        foreach (var (copy, original) in unmarked.Concat(_arrived))
        {
            Note(await target.DoAsync(copy, ReplicationCommands.Mark(copy, original), cancellationToken));
        }

        var isSafe = to.Held.Contains(newest.Copy)
            || Note(await target.DoAsync(to.Name, ReplicationCommands.Hold(names.TargetTag, newest.Copy), cancellationToken));
        if (newest.Snapshot is { } snapshot)
        {
            isSafe &= from.Held.Contains(snapshot.FullName)
                || SnapshotsSent > 0
                || Note(await source.DoAsync(from.Name, ReplicationCommands.Hold(names.SourceTag, snapshot.FullName), cancellationToken));
            isSafe &= await BookmarkAsync(snapshot, from, cancellationToken);
        }

        if (!isSafe)
        {
            return;
        }

        await ReleaseAsync(source, names.SourceTag, from, newest.Snapshot?.FullName, cancellationToken);
        await ReleaseAsync(target, names.TargetTag, to, newest.Copy, cancellationToken);
        foreach (var old in from.Bookmarks.Where(b => names.IsOwn(b) && b.Guid != newest.Guid))
        {
            Note(await source.DoAsync(from.Name, ReplicationCommands.DestroyBookmark(old), cancellationToken));
        }
    }

    private async Task<bool> BookmarkAsync(ZfsSnapshot snapshot, ReplicationStock from, CancellationToken cancellationToken)
    {
        var bookmark = names.Bookmark(snapshot.Guid);
        if (from.Bookmarks.Any(b => b.Guid == snapshot.Guid && names.IsOwn(b)))
        {
            return true;
        }

        return ZfsNames.Fits(from.Name, bookmark)
            ? Note(await source.DoAsync(
                from.Name, ReplicationCommands.Bookmark(snapshot.FullName, $"{from.Name}#{bookmark}"), cancellationToken))
            : Note(new ZfsError(ZfsErrorKind.NameTooLong,
                $"the name {from.Name} is too long for a bookmark: only its hold keeps the base of the next increment", []));
    }

    private async Task ReleaseAsync(
        ReplicationSide side, string tag, ReplicationStock stock, string? but, CancellationToken cancellationToken)
    {
        string[] old = [.. stock.Snapshots.Select(s => s.FullName).Where(s => stock.Held.Contains(s) && s != but)];
        foreach (var name in old)
        {
            Note(await side.DoAsync(stock.Name, ReplicationCommands.Release(tag, [name]), cancellationToken));
        }
    }

    /// <returns>True if there is nothing to note.</returns>
    private bool Note(ZfsError? error)
    {
        if (error is null or { Kind: ZfsErrorKind.HoldMismatch })
        {
            return true;
        }

        _notes.Add(error.Message);
        return false;
    }

    private static ZfsReplica Replica(ReplicationStock from, ReplicationStock to, ZfsReplicaState state, string problem,
        ReplicaPlan.Common? common = null) => new()
        {
            Source = from.Name,
            Target = to.Name,
            State = state,
            Problem = problem,
            Common = common?.Name ?? "",
            CommonGuid = common?.Guid.Value ?? 0,
            HeldBytes = common?.Snapshot?.UsedBytes ?? 0,
        };
}
