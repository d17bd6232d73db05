using Fleet.Cli.Output;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Policies;

/// <summary>Parts of policies in words.</summary>
internal static class PolicyText
{
    public static Cell StateCell(ProtectionState state) => new(Humane.Words(state), state switch
    {
        ProtectionState.Ok => Tone.Good,
        ProtectionState.Failing or ProtectionState.Stale or ProtectionState.NeverRan => Tone.Bad,
        _ => Tone.Doubtful,
    });

    public static string Schedule(PolicySpec spec) => (spec.Paused, spec.Schedule?.Every) switch
    {
        (true, _) => "paused",
        (_, null) => "on demand",
        (_, var every) => $"every {Humane.Span(every)}",
    };

    public static string Target(PolicySpec spec)
    {
        var parts = new List<string>(spec.Target?.Hosts ?? []);
        if (spec.Target?.MatchLabels.Count > 0)
        {
            parts.Add($"hosts with {Humane.Labels(spec.Target.MatchLabels)}");
        }

        return string.Join(", ", parts);
    }

    public static string Action(Fleet.Protocol.V1.Action? action) => action?.KindCase switch
    {
        Fleet.Protocol.V1.Action.KindOneofCase.Rsync =>
            $"rsync {Humane.Words(action.Rsync.Mode)}: {Endpoint(action.Rsync.Source)} -> {Endpoint(action.Rsync.Destination)}",
        Fleet.Protocol.V1.Action.KindOneofCase.Command =>
            $"command: {action.Command.Program} {string.Join(' ', action.Command.Arguments)}".TrimEnd(),
        Fleet.Protocol.V1.Action.KindOneofCase.ZfsSnapshot =>
            $"snapshots of {string.Join(", ", action.ZfsSnapshot.Datasets)}{(action.ZfsSnapshot.Recursive ? " and everything below" : "")}",
        Fleet.Protocol.V1.Action.KindOneofCase.ZfsPrune =>
            $"destroys old snapshots of {action.ZfsPrune.SnapshotsOf} on {string.Join(", ", action.ZfsPrune.Datasets)}{(action.ZfsPrune.Recursive ? " and everything below" : "")}",
        Fleet.Protocol.V1.Action.KindOneofCase.ZfsReplicate =>
            $"copies snapshots of {action.ZfsReplicate.SnapshotsOf}: {Dataset(action.ZfsReplicate.Source, action.ZfsReplicate.SourceHost)} -> {Dataset(action.ZfsReplicate.Target, action.ZfsReplicate.TargetHost)}{(action.ZfsReplicate.Recursive ? ", and everything below" : "")}",
        Fleet.Protocol.V1.Action.KindOneofCase.ZfsScrub =>
            $"scrub {Humane.Words(action.ZfsScrub.Operation)}: {string.Join(", ", action.ZfsScrub.Pools)}",
        Fleet.Protocol.V1.Action.KindOneofCase.ZfsHold =>
            $"{(action.ZfsHold.Release ? "releases" : "holds")} {string.Join(", ", action.ZfsHold.Snapshots.Select(s => s.Name))}",
        Fleet.Protocol.V1.Action.KindOneofCase.ZfsRollback => $"rollback to {action.ZfsRollback.Snapshot?.Name}",
        Fleet.Protocol.V1.Action.KindOneofCase.ZfsClone => $"clone of {action.ZfsClone.Snapshot?.Name}: {action.ZfsClone.Target}",
        Fleet.Protocol.V1.Action.KindOneofCase.LvmSnapshot => $"snapshots of {string.Join(", ", action.LvmSnapshot.Volumes)}",
        Fleet.Protocol.V1.Action.KindOneofCase.LvmPrune =>
            $"destroys old snapshots of {action.LvmPrune.SnapshotsOf} on {string.Join(", ", action.LvmPrune.Volumes)}",
        Fleet.Protocol.V1.Action.KindOneofCase.LvmRestore => $"merges {action.LvmRestore.Snapshot} into its volume",
        Fleet.Protocol.V1.Action.KindOneofCase.LvmProtect =>
            $"{(action.LvmProtect.Release ? "releases" : "protects")} {string.Join(", ", action.LvmProtect.Snapshots.Select(s => s.Name))}",
        Fleet.Protocol.V1.Action.KindOneofCase.RestoreFiles =>
            $"restores /{TerminalText.SafePath(action.RestoreFiles.Path).TrimStart('/')} of {RestoreSource(action.RestoreFiles)} to {TerminalText.SafePath(action.RestoreFiles.Destination)}{(action.RestoreFiles.Overwrite ? ", replacing what differs" : "")}",
        Fleet.Protocol.V1.Action.KindOneofCase.ClockAccept => "accepts the clock as it is",
        _ => "an action that this program does not know",
    };

    private static string RestoreSource(RestoreFilesAction restore) =>
        restore.Zfs?.Name ?? restore.Lvm?.Name ?? TerminalText.SafePath(restore.Tree);

    // Already safe, and safe to escape again: escapes are plain ASCII.
    public static string Endpoint(RsyncEndpoint? endpoint)
    {
        if (endpoint is null)
        {
            return "?";
        }

        var path = TerminalText.SafePath(endpoint.Path);
        return endpoint.RemoteCase switch
        {
            RsyncEndpoint.RemoteOneofCase.Ssh => $"{At(endpoint.Ssh.User)}{endpoint.Ssh.Host}:{path}",
            RsyncEndpoint.RemoteOneofCase.Daemon =>
                $"rsync://{At(endpoint.Daemon.User)}{endpoint.Daemon.Host}/{endpoint.Daemon.Module}/{path.TrimStart('/')}",
            _ => path,
        };
    }

    private static string Dataset(string name, SshRemote? host) => host is null ? name : $"{At(host.User)}{host.Host}:{name}";

    private static string At(string user) => user.Length > 0 ? $"{user}@" : "";
}
