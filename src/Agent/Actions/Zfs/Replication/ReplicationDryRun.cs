using Fleet.Agent.Zfs;
using Fleet.Protocol.V1;
using Fleet.Yaml;

namespace Fleet.Agent.Actions.Zfs.Replication;

/// <summary>Says what a replication would send, as zfs estimates it.</summary>
internal sealed class ReplicationDryRun(ReplicationSide source, Func<ZfsSnapshot, bool> wanted)
{
    public async Task<ActionResult> ResultAsync(
        IReadOnlyList<ReplicationStock> sources, Func<string, ReplicationStock> targetOf, CancellationToken cancellationToken)
    {
        var result = new ActionResult { Outcome = ActionOutcome.Succeeded };
        long bytes = 0;
        var snapshots = 0;
        foreach (var from in sources.OrderBy(s => s.Name, StringComparer.Ordinal))
        {
            var to = targetOf(from.Name);
            if (to.Dataset?.ReceiveResumeToken is not null)
            {
                ToolOutcome.AddDetail(result, $"{from.Name} -> {to.Name}: would resume an interrupted transfer");
                continue;
            }

            var plan = ReplicaPlan.Create(from.Name, to.Name, from.Snapshots, wanted, from.Bookmarks, to.Dataset is not null, to.Snapshots);
            if (plan.Steps.Count == 0)
            {
                ToolOutcome.AddDetail(result,
                    plan.State == ZfsReplicaState.Current ? $"{from.Name} -> {to.Name}: is current" : $"{from.Name}: {plan.Problem}");
                continue;
            }

            foreach (var step in plan.Steps)
            {
                var (estimate, error) = await source.EstimateAsync(
                    from.Name, ReplicationCommands.Send(step, from.Dataset!.EncryptionRoot is not null, dryRun: true), cancellationToken);
                if (error is not null)
                {
                    return ZfsAttempt.Stopped(error, cancellationToken);
                }

                bytes += estimate.SizeBytes ?? 0;
                snapshots += step.Arriving.Count;
                ToolOutcome.AddDetail(
                    result,
                    $"{from.Name} -> {to.Name}: {(step.From is null ? "everything up to" : $"from {step.From} to")} @{step.To.Name}, "
                        + $"{step.Arriving.Count} snapshot(s), about {SizeText.Approximate(estimate.SizeBytes ?? 0)}");
            }
        }

        result.Message = $"dry run: {snapshots} snapshot(s) would be sent, about {SizeText.Approximate(bytes)}";
        return result;
    }
}
