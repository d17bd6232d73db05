using System.Collections.Concurrent;
using System.Globalization;
using Fleet.Agent.Guard;
using Fleet.Agent.Ssh;
using Fleet.Agent.Zfs;
using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Zfs.Replication;

/// <summary>
/// The action "zfs.replicate": copies the snapshots of a policy to another pool, here or over ssh. A second attempt looks again and
/// continues with what broke off. The target's own data is never touched: docs/replication.md.
/// </summary>
internal sealed class ZfsReplicateRun : IAction
{
    private readonly ConcurrentDictionary<string, byte> _hung = new();

    public Protocol.V1.Action.KindOneofCase Kind => Protocol.V1.Action.KindOneofCase.ZfsReplicate;

    public async Task<ActionResult> RunAsync(ActionContext context, CancellationToken cancellationToken)
    {
        var action = context.Action.ZfsReplicate;
        if (Problem(context, action) is { } problem)
        {
            return ToolOutcome.Failed(problem);
        }

        try
        {
            return await RunAsync(context, action, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ToolOutcome.Cancelled();
        }
    }

    private static string? Problem(ActionContext context, ZfsReplicateAction action) =>
        context.Policy.Length == 0 ? "a replication needs a policy: its holds on the source are named after the policy"
        : !ZfsNames.IsDataset(action.Source) ? "the source is not a dataset name"
        : !ZfsNames.IsDataset(action.Target) ? "the target is not a dataset name"
        : !WireNames.IsPolicy(action.SnapshotsOf) ? "snapshots_of is not a policy name"
        : action.RemoteCase == ZfsReplicateAction.RemoteOneofCase.None
            && (ZfsNames.IsWithin(action.Target, action.Source) || ZfsNames.IsWithin(action.Source, action.Target))
            ? "source and target lie inside each other"
        : action.TargetHost is { } to ? RemoteFields.Problem("target", to)
        : action.SourceHost is { } from ? RemoteFields.Problem("source", from)
        : null;

    private async Task<ActionResult> RunAsync(ActionContext context, ZfsReplicateAction action, CancellationToken cancellationToken)
    {
        var time = new AttemptTime(context);
        var source = new ReplicationSide(new ZfsQuery(context.Tools, context.Time, _hung, action.SourceHost), time.Limit);
        var target = new ReplicationSide(new ZfsQuery(context.Tools, context.Time, _hung, action.TargetHost), time.Limit);
        var names = new ReplicationNames(context.Policy);
        var selection = new ZfsSelection([action.Source], action.Recursive, action.Excludes);
        var away = new AwayReport(context, source, names);

        context.Log.Progress(new RunProgress { Phase = "looking at the source" });
        var (datasets, error) = await source.DatasetsAsync(action.Source, cancellationToken);
        if (error is { Kind: ZfsErrorKind.Unreachable })
        {
            return await away.ResultAsync(error.Message, [], TargetOf, Wanted, cancellationToken);
        }

        ZfsDataset[] chosen = [.. datasets.Where(d => selection.Covers(d.Name)).OrderBy(d => d.Name, StringComparer.Ordinal)];
        if (error is not null || chosen.Length == 0)
        {
            return error is not null ? ZfsAttempt.Stopped(error, cancellationToken)
                : ToolOutcome.Failed(datasets.Count == 0
                    ? $"{action.Source}{source.Query.Place} does not exist"
                    : "every dataset is excluded: there is nothing to copy");
        }

        if (Refused(context, action, chosen, TargetOf) is { } refused)
        {
            return ToolOutcome.Refused(refused);
        }

        (var sources, error) = await ReplicationStock.ReadAsync(source, chosen, names.SourceTag, withBookmarks: true, cancellationToken);
        if (error is not null)
        {
            return ZfsAttempt.Stopped(error, cancellationToken);
        }

        context.Log.Progress(new RunProgress { Phase = "looking at the target" });
        (var copies, error) = await target.DatasetsAsync(action.Target, cancellationToken);
        if (error is null && copies.Count == 0)
        {
            var (isAway, missing) = await AboveAsync(target, action.Target, cancellationToken);
            if (missing is not null && !isAway)
            {
                return ZfsAttempt.Stopped(missing, cancellationToken);
            }

            error = missing;
        }

        if (error is { Kind: ZfsErrorKind.Unreachable })
        {
            return await away.ResultAsync(error.Message, [.. sources.Values], TargetOf, Wanted, cancellationToken);
        }

        if (error is not null)
        {
            return ZfsAttempt.Stopped(error, cancellationToken);
        }

        ZfsDataset[] meant = [.. copies.Where(c => chosen.Any(d => TargetOf(d.Name) == c.Name))];
        (var targets, error) = await ReplicationStock.ReadAsync(target, meant, names.TargetTag, withBookmarks: false, cancellationToken);
        if (error is not null)
        {
            return ZfsAttempt.Stopped(error, cancellationToken);
        }

        if (action.DryRun)
        {
            return await new ReplicationDryRun(source, Wanted).ResultAsync(
                [.. sources.Values], name => StockOf(targets, TargetOf(name)), cancellationToken);
        }

        return await CopyAsync();

        string TargetOf(string name) => action.Target + name[action.Source.Length..];

        bool Wanted(ZfsSnapshot snapshot) => snapshot.RunId is not null && ZfsOwners.Of(snapshot.Policy).Contains(action.SnapshotsOf);

        async Task<ActionResult> CopyAsync()
        {
            var pipe = new SendReceive(source, target, context, time.Limit, action.BandwidthLimitBytesPerSecond);
            var report = new ReplicationReport();
            foreach (var from in sources.Values.OrderBy(s => s.Name, StringComparer.Ordinal))
            {
                if (cancellationToken.IsCancellationRequested)
                {
                    break;
                }

                var copy = new ReplicaCopy(source, target, pipe, names, Wanted, context);
                report.Add(await copy.RunAsync(from, StockOf(targets, TargetOf(from.Name)), cancellationToken), copy);
            }

            return report.Result(pipe.SentBytes, cancellationToken.IsCancellationRequested);
        }
    }

    private static ReplicationStock StockOf(IReadOnlyDictionary<string, ReplicationStock> stock, string name) =>
        stock.GetValueOrDefault(name) ?? new ReplicationStock(name, null, [], [], new HashSet<string>());

    /// <summary>
    /// The guard's rules on what is on this host: each dataset is asked for by itself, because a nearer rule may allow less.
    /// </summary>
    private static GuardDecision? Refused(
        ActionContext context, ZfsReplicateAction action, ZfsDataset[] chosen, Func<string, string> targetOf) =>
        (action.SourceHost is null ? context.Guard.Storage.Refusal("send", chosen.Select(d => d.Name)) : null)
            ?? (action.TargetHost is null ? context.Guard.Storage.Refusal("receive", chosen.Select(d => targetOf(d.Name))) : null);

    /// <summary>Why a target that does not exist cannot be made: null, it can.</summary>
    private static async Task<(bool IsAway, ZfsError? Error)> AboveAsync(
        ReplicationSide target, string name, CancellationToken cancellationToken)
    {
        var pool = ZfsNames.PoolOf(name);
        var slash = name.LastIndexOf('/');
        var above = slash < 0 ? pool : name[..slash];
        var (found, error) = await target.DatasetsAsync(above, cancellationToken);
        if (error is not null || found.Count > 0)
        {
            return (error is { Kind: ZfsErrorKind.Unreachable }, error);
        }

        (found, error) = above == pool ? (found, null) : await target.DatasetsAsync(pool, cancellationToken);
        return error is not null ? (error is { Kind: ZfsErrorKind.Unreachable }, error)
            : found.Count == 0
                ? (true, new ZfsError(ZfsErrorKind.Unreachable,
                    string.Create(CultureInfo.InvariantCulture, $"pool {pool}{target.Query.Place} is not there"), []))
            : (false, new ZfsError(ZfsErrorKind.DoesNotExist, $"{above}{target.Query.Place}, in which the copy is to be made, does not "
                + $"exist: zfs create -p -o canmount=noauto '{above}'", []));
    }
}
