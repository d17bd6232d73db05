using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Policies;

/// <summary>The part that knows replication.</summary>
internal sealed partial class PolicyValidator
{
    private void ValidateZfsReplicate(ZfsReplicateAction replicate, string path)
    {
        ValidateDataset(replicate.Source, $"{path}.source");
        if (PathPlaceholders.Problem(replicate.Target) is { } problem)
        {
            Refuse($"{path}.target", problem);
        }
        else
        {
            // What a host's name may hold, a dataset's may, too.
            ValidateDataset(PathPlaceholders.Expand(replicate.Target, "host", "policy"), $"{path}.target");
        }

        ValidateExcludes(replicate.Excludes, path);
        if (!NamePattern().IsMatch(replicate.SnapshotsOf))
        {
            Refuse($"{path}.snapshots_of", "is required: the name of the policy that makes the snapshots");
        }

        if (replicate.RemoteCase == ZfsReplicateAction.RemoteOneofCase.None && (IsWithin(replicate.Source, replicate.Target) || IsWithin(replicate.Target, replicate.Source)))
        {
            Refuse($"{path}.target", "source and target lie in each other on one host: a copy beside its original is none");
        }

        ValidateSsh(replicate.TargetHost, $"{path}.target_host");
        ValidateSsh(replicate.SourceHost, $"{path}.source_host");
        if (replicate.BandwidthLimitBytesPerSecond is not 0 and < 1024)
        {
            Refuse($"{path}.bandwidth_limit_bytes_per_second", "must be 0 (no limit) or at least 1,024");
        }

        Check(replicate.ReleaseBaseAfter, $"{path}.release_base_after", PolicyLimits.ShortestRelease, PolicyLimits.LongestRelease);
        if (replicate.DryRun)
        {
            Warn("the action is a dry run: it changes nothing, and so protects nothing");
        }
    }

    private void ValidateSsh(SshRemote? ssh, string path)
    {
        if (ssh is not null)
        {
            ValidateRemote(ssh.Host, ssh.Port, ssh.User, path);
            RefuseRelativeFile(ssh.IdentityFile, $"{path}.identity_file");
        }
    }

    private static bool IsWithin(string dataset, string root) =>
        dataset.StartsWith(root, StringComparison.Ordinal) && (dataset.Length == root.Length || dataset[root.Length] == '/');
}
