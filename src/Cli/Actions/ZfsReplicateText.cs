using Fleet.Cli.Commands;
using Fleet.Cli.Output;
using Fleet.Protocol.V1;
using Fleet.Yaml;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Cli.Actions;

/// <summary><c>zfs_replicate</c>.</summary>
internal sealed class ZfsReplicateText()
    : PolicyActionText<ZfsReplicateAction>(
        ActionCase.ZfsReplicate, static action => action.ZfsReplicate, static message => new() { ZfsReplicate = message })
{
    public override IReadOnlyList<(string Proto, string Yaml)> Renamed { get; } =
    [
        ("bandwidth_limit_bytes_per_second", "bandwidth_limit"),
        ("excludes", "exclude"),
        ("source_host", "source.ssh"),
        ("target_host", "target.ssh"),
    ];

    public override void PrintResult(Invocation invocation, ActionResult result)
    {
        if (result.ZfsReplicate is not { Replicas.Count: > 0 } replication)
        {
            return;
        }

        invocation.Out.Line("");
        invocation.Out.Table(
            ["COPY", "STATE", "IN COMMON", "BEHIND SINCE", "HOLDS"],
            replication.Replicas.Select(r => (Cell[])
            [
                r.Target,
                new Cell(
                    HumanText.Words(r.State),
                    r.State == ZfsReplicaState.Current ? Tone.Good : r.State == ZfsReplicaState.Diverged ? Tone.Bad : Tone.Doubtful),
                r.Common,
                HumanText.Instant(r.BehindSince, invocation.Environment.Time),
                r.HeldBytes > 0 ? HumanText.Bytes(r.HeldBytes) : "",
            ]));
        if (replication.ReplicasTotal > replication.Replicas.Count)
        {
            invocation.Out.Line(new Cell($"... and {replication.ReplicasTotal - replication.Replicas.Count} more", Tone.Quiet));
        }
    }

    protected override string Words(ZfsReplicateAction replicate) =>
        $"copies snapshots of {replicate.SnapshotsOf}: {Dataset(replicate.Source, replicate.SourceHost)} -> "
        + $"{Dataset(replicate.Target, replicate.TargetHost)}{(replicate.Recursive ? ", and everything below" : "")}";

    protected override IEnumerable<(string Name, Cell Value)> PolicyFacts(ZfsReplicateAction replicate) =>
        [("excludes", string.Join(", ", replicate.Excludes)), ("bandwidth", Bandwidth(replicate.BandwidthLimitBytesPerSecond))];

    private static readonly TimeSpan LongestRelease = TimeSpan.FromDays(3_660);

    protected override ZfsReplicateAction Read(YamlMapping yaml)
    {
        var (source, sourceHost) = ReadSide(yaml, "source");
        var (target, targetHost) = ReadSide(yaml, "target");
        var replicate = new ZfsReplicateAction
        {
            Source = source,
            Target = target,
            Recursive = yaml.Boolean("recursive") ?? false,
            SnapshotsOf = yaml.RequiredString("snapshots_of"),
            BandwidthLimitBytesPerSecond = yaml.SizeBytes("bandwidth_limit", 1024, long.MaxValue) ?? 0,
            MayBeAway = yaml.Boolean("may_be_away") ?? false,
            ReleaseBaseAfter = yaml.Duration("release_base_after", TimeSpan.FromHours(1), LongestRelease) is { } limit
                ? Duration.FromTimeSpan(limit)
                : null,
            DryRun = yaml.Boolean("dry_run") ?? false,
        };
        if (sourceHost is not null && targetHost is not null)
        {
            yaml.Problem("target", "cannot be on another host if the source is: one of them must be on the policy's own host");
        }
        else if (targetHost is not null)
        {
            replicate.TargetHost = targetHost;
        }
        else if (sourceHost is not null)
        {
            replicate.SourceHost = sourceHost;
        }

        replicate.Excludes.Add(yaml.Strings("exclude"));
        yaml.RefuseUnknown();
        return replicate;
    }

    // Just a dataset, or a mapping with a dataset and where it is.
    private static (string Dataset, SshRemote? Host) ReadSide(YamlMapping yaml, string key)
    {
        switch (yaml.Kind(key))
        {
            case YamlKind.Absent:
                yaml.Problem(key, "is required: a dataset, such as tank/data, or a mapping with dataset and ssh");
                return ("", null);
            case YamlKind.Mapping when yaml.Mapping(key) is { } side:
                var dataset = side.RequiredString("dataset");
                var host = side.Mapping("ssh") is { } ssh ? SshReader.Read(ssh) : null;
                side.RefuseUnknown();
                return (dataset, host);
            default:
                var alone = yaml.String(key) ?? "";
                if (RemoteForms.OfDataset(alone) is { } meant)
                {
                    // The name of a pool may contain a colon. In a mapping, the name is taken literally.
                    yaml.Problem(key, $"looks like a dataset on another host, which is written as a mapping: {key}: {meant}; for a local "
                        + $"dataset with a colon in its name: {key}: {{dataset: '{alone}'}}");
                }

                return (alone, null);
        }
    }

    private static string Dataset(string name, SshRemote? host) => host is null ? name : $"{At(host.User)}{host.Host}:{name}";
}
