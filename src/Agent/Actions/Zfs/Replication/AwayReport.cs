using System.Globalization;
using Fleet.Agent.Zfs;
using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;
using Fleet.Yaml;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Agent.Actions.Zfs.Replication;

/// <summary>
/// What is said when the other side cannot be reached: since when the copies are behind, and what is kept for them until then. Past the
/// policy's limit the holds are released, so that a disk that never comes back does not fill the pool; bookmarks stay, so that one that
/// does come back still gets an increment.
/// </summary>
internal sealed class AwayReport(ActionContext context, ReplicationSide source, ReplicationNames names)
{
    /// <param name="why">Why the other side is away, in one sentence.</param>
    /// <param name="stock">The source, if that is here.</param>
    public async Task<ActionResult> ResultAsync(
        string why, IReadOnlyList<ReplicationStock> stock, Func<string, string> targetOf, Func<ZfsSnapshot, bool> wanted,
        CancellationToken cancellationToken)
    {
        var action = context.Action.ZfsReplicate;
        var result = new ActionResult
        {
            Outcome = action.MayBeAway ? ActionOutcome.Skipped : ActionOutcome.Failed,
            Retryable = !action.MayBeAway,
            ZfsReplicate = new ZfsReplicateResult { ReplicasTotal = stock.Count },
        };
        var now = context.Time.GetUtcNow();
        DateTimeOffset? since = null;
        long heldBytes = 0;
        var released = 0;
        List<ZfsReplica> replicas = [];
        foreach (var dataset in stock)
        {
            var (arrived, held) = (dataset.Arrived(names), dataset.OwnHeld);
            var lacking = dataset.Snapshots.FirstOrDefault(s => wanted(s)
                && s.CreateTransactionGroup > (arrived?.CreateTransactionGroup ?? -1));
            var bytes = held.Sum(s => s.UsedBytes);
            if (lacking is not null && (since is null || lacking.Creation < since))
            {
                since = lacking.Creation;
            }

            if (held.Count > 0
                && lacking is not null
                && WireTime.SpanOf(action.ReleaseBaseAfter) is { } limit
                && now - lacking.Creation > limit
                && !action.DryRun)
            {
                var error = await source.DoAsync(
                    dataset.Name, ReplicationCommands.Release(names.SourceTag, held.Select(s => s.FullName)), cancellationToken);
                ToolOutcome.AddDetail(result, error is null
                    ? $"{held[0].FullName} is no longer held: its copy has been behind since {Instant(lacking.Creation)}, longer than the "
                        + $"policy allows. It can be pruned now; its bookmark stays"
                    : error.Message);
                released += error is null ? 1 : 0;
            }
            else
            {
                heldBytes += bytes;
            }

            replicas.Add(new ZfsReplica
            {
                Source = dataset.Name,
                Target = targetOf(dataset.Name),
                State = ZfsReplicaState.Away,
                Common = arrived?.FullName ?? "",
                CommonGuid = arrived?.Guid.Value ?? 0,
                BehindSince = lacking is null ? null : Timestamp.FromDateTimeOffset(lacking.Creation),
                HeldBytes = bytes,
                Problem = why,
            });
        }

        result.ZfsReplicate.Replicas.Add(replicas.Take(ReplicationReport.MaxReplicas));
        result.Message = why
            + (since is { } at ? $"; behind since {Instant(at)}" : "")
            + (heldBytes > 0 ? $", base protected, holds {SizeText.Approximate(heldBytes)}" : "")
            + (released > 0 ? $"; the base of {released} dataset(s) was released, as the policy says" : "");
        if (released > 0)
        {
            (result.Outcome, result.Retryable) = (ActionOutcome.Failed, false);
        }

        return result;
    }

    private static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm'Z'", CultureInfo.InvariantCulture);
}
