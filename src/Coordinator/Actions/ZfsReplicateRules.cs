using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Actions;

/// <summary>Sends snapshots to another pool or host.</summary>
internal sealed class ZfsReplicateRules() : ActionRules<ZfsReplicateAction>(ActionCase.ZfsReplicate, static action => action.ZfsReplicate)
{
    protected override void Validate(ZfsReplicateAction replicate, string path, ActionFindings findings)
    {
        findings.CheckDataset(replicate.Source, $"{path}.source");
        if (PathPlaceholders.Problem(replicate.Target) is { } problem)
        {
            findings.Refuse($"{path}.target", problem);
        }
        else
        {
            // Every character of a host's name is also valid in a dataset's.
            findings.CheckDataset(PathPlaceholders.Expand(replicate.Target, "host", "policy"), $"{path}.target");
        }

        findings.CheckDatasetPatterns(replicate.Excludes, path);
        if (!WireNames.IsPolicy(replicate.SnapshotsOf))
        {
            findings.Refuse($"{path}.snapshots_of", "is required: the name of the policy that makes the snapshots");
        }

        if (replicate.RemoteCase == ZfsReplicateAction.RemoteOneofCase.None
            && (IsWithin(replicate.Source, replicate.Target) || IsWithin(replicate.Target, replicate.Source)))
        {
            findings.Refuse(
                $"{path}.target",
                "source and target contain one another on the same host: a copy beside its original protects nothing");
        }

        findings.CheckSsh(replicate.TargetHost, $"{path}.target_host");
        findings.CheckSsh(replicate.SourceHost, $"{path}.source_host");
        if (replicate.BandwidthLimitBytesPerSecond is not 0 and < 1024)
        {
            findings.Refuse($"{path}.bandwidth_limit_bytes_per_second", "must be 0 (no limit) or at least 1,024");
        }

        findings.Check(replicate.ReleaseBaseAfter, $"{path}.release_base_after", PolicyLimits.ShortestRelease, PolicyLimits.LongestRelease);
        if (replicate.DryRun)
        {
            findings.Warn("the action is a dry run: it changes nothing, and so protects nothing");
        }
    }

    public override void AddEventAttributes(ActionResult result, bool isDryRun, EventAttributes attributes)
    {
        if (result.ZfsReplicate is { } replication)
        {
            attributes.Add("replicas", replication.ReplicasTotal);
            attributes.Add("replicas_current", replication.CurrentTotal);
            attributes.Add("snapshots", replication.SnapshotsSent);
            attributes.Add("sent_bytes", replication.SentBytes);
            attributes.Add("resumed", replication.Resumed);
            foreach (
                var (name, state) in new[] { ("replicas_diverged", ZfsReplicaState.Diverged), ("replicas_away", ZfsReplicaState.Away) })
            {
                if (replication.Replicas.Count(r => r.State == state) is var count and > 0)
                {
                    attributes.Add(name, count);
                }
            }
        }
    }

    private static bool IsWithin(string dataset, string root) =>
        dataset.StartsWith(root, StringComparison.Ordinal) && (dataset.Length == root.Length || dataset[root.Length] == '/');
}
