using Fleet.Agent.Files;
using Fleet.Agent.Host;
using Fleet.Agent.Logging;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Guard;

/// <inheritdoc cref="IGuard"/>
/// <param name="path">The guard file.</param>
/// <param name="protectedFolders">
/// What is outside every rule, besides the guard file's own folder: of the configuration, of the agent's state.
/// </param>
internal sealed class FileGuard(Func<string> path, Func<IReadOnlyList<string>>? protectedFolders = null) : IGuard
{
    public GuardDecision Check(Protocol.V1.Action action)
    {
        var file = path();
        if (GuardFile.Read(file, out var problem) is not { } rules)
        {
            return Refuse(file, problem);
        }

        if (action.KindCase is Protocol.V1.Action.KindOneofCase.Rsync or Protocol.V1.Action.KindOneofCase.RestoreFiles
            && !OpenPath.IsOffered)
        {
            return Refuse("openat2(2)", $"runs of rsync and restores are refused here: {OpenPath.NotOffered}");
        }

        return action.KindCase switch
        {
            Protocol.V1.Action.KindOneofCase.Rsync =>
                CheckRsync(file, rules, action.Rsync, Places(file, [.. rules.KeyFiles, .. Secrets(action.Rsync)])),
            Protocol.V1.Action.KindOneofCase.Command => CommandRules.Check(file, rules, action.Command, Places(file, rules.KeyFiles)),
            Protocol.V1.Action.KindOneofCase.ZfsSnapshot => CommandRules.Around(
                CheckStorage(file, "zfs", rules.Zfs, "snapshot", [.. action.ZfsSnapshot.Datasets]), file, rules, action.ZfsSnapshot.Before,
                action.ZfsSnapshot.After, Places(file, rules.KeyFiles)),
            Protocol.V1.Action.KindOneofCase.ZfsPrune => CheckStorage(file, "zfs", rules.Zfs, "prune", [.. action.ZfsPrune.Datasets]),
            Protocol.V1.Action.KindOneofCase.ZfsReplicate => CheckReplication(file, rules, action.ZfsReplicate),
            Protocol.V1.Action.KindOneofCase.ZfsScrub => CheckStorage(file, "zfs", rules.Zfs, "scrub", [.. action.ZfsScrub.Pools]),
            Protocol.V1.Action.KindOneofCase.ZfsHold =>
                CheckStorage(file, "zfs", rules.Zfs, "hold", [.. action.ZfsHold.Snapshots.Select(s => DatasetOf(s.Name))]),
            Protocol.V1.Action.KindOneofCase.ZfsRollback =>
                CheckStorage(file, "zfs", rules.Zfs, "rollback", [DatasetOf(action.ZfsRollback.Snapshot?.Name)]),
            Protocol.V1.Action.KindOneofCase.ZfsClone =>
                CheckStorage(file, "zfs", rules.Zfs, "clone", [DatasetOf(action.ZfsClone.Snapshot?.Name), action.ZfsClone.Target]),
            Protocol.V1.Action.KindOneofCase.LvmSnapshot => CommandRules.Around(
                CheckStorage(file, "lvm", rules.Lvm, "snapshot", [.. action.LvmSnapshot.Volumes]), file, rules, action.LvmSnapshot.Before,
                action.LvmSnapshot.After, Places(file, rules.KeyFiles)),
            Protocol.V1.Action.KindOneofCase.LvmPrune => CheckStorage(file, "lvm", rules.Lvm, "prune", [.. action.LvmPrune.Volumes]),
            Protocol.V1.Action.KindOneofCase.LvmRestore => CheckLvmSnapshots(file, rules, "rollback", [action.LvmRestore.Snapshot]),
            Protocol.V1.Action.KindOneofCase.LvmProtect =>
                CheckLvmSnapshots(file, rules, "hold", [.. action.LvmProtect.Snapshots.Select(s => s.Name)]),
            Protocol.V1.Action.KindOneofCase.RestoreFiles =>
                RestoreRules.Check(file, rules.Restore, action.RestoreFiles, Places(file, rules.KeyFiles), rules.Confine),
            Protocol.V1.Action.KindOneofCase.ClockAccept => rules.AcceptClock is { } rule
                ? Allow(rule)
                : Refuse($"{file}: retention, default deny", $"retention does not allow accept_clock: set it to true in {file}"),
            _ => Refuse($"{file}: default", "this agent does not know the action: upgrade fleet-agent"),
        };
    }

    public IReadOnlyList<string> AllowedActions() => GuardFile.Read(path(), out _)?.AllowedActions ?? [];

    private ProtectedPlaces Places(string file, IEnumerable<string> secrets) =>
        ProtectedPlaces.Of(
            [Path.GetDirectoryName(Path.GetFullPath(file)) ?? "/", .. protectedFolders?.Invoke() ?? []], secrets, MountTable.Read());

    private static IEnumerable<string> Secrets(RsyncAction rsync) =>
        new[] { rsync.Source, rsync.Destination }.OfType<RsyncEndpoint>().Select(e => e.Ssh?.IdentityFile ?? e.Daemon?.PasswordFile ?? "");

    private static GuardDecision CheckRsync(string file, GuardRules rules, RsyncAction rsync, ProtectedPlaces places)
    {
        if (rsync.Source is null || rsync.Destination is null)
        {
            return Refuse($"{file}: default", "the action names no source or no destination");
        }

        if (rsync.RsyncPath.Length > 0 && RsyncPathRefusal(file, rules, rsync) is { } refusal)
        {
            return refusal;
        }

        var source = rsync.Source.RemoteCase == RsyncEndpoint.RemoteOneofCase.None
            ? RsyncPathRules.CheckSource(file, rules, rsync.Source.Path.Span, places)
            : CheckRemote(file, rules.Remotes, "rsync.remotes", RemoteAccess.Of(rsync.Source));
        if (!source.Allowed)
        {
            return source;
        }

        var destination = rsync.Destination.RemoteCase == RsyncEndpoint.RemoteOneofCase.None
            ? RsyncPathRules.CheckDestination(file, rules, rsync, places)
            : CheckRemote(file, rules.Remotes, "rsync.remotes", RemoteAccess.Of(rsync.Destination));
        if (destination.Allowed && rsync.Destination.RemoteCase != RsyncEndpoint.RemoteOneofCase.None && rsync.Mode != RsyncMode.Copy)
        {
            destination = CheckRemoteMirror(file, rules, rsync);
        }

        if (destination.Allowed && !rules.Confine && source.Hidden.Count > 0)
        {
            destination.Dispose();
            destination = Refuse(
                source.Rule, $"the source holds {LogText.Escape(source.Hidden[0])}, which can only be hidden from rsync where rsync is "
                    + $"confined: remove confine: false from {file}, or name sources beside it");
        }

        if (destination.Allowed)
        {
            return destination with { Source = source.Source, Hidden = source.Hidden, Confine = rules.Confine };
        }

        source.Dispose();
        return destination;
    }

    /// <summary>Null if this host lets policies start rsync in this way on that host.</summary>
    private static GuardDecision? RsyncPathRefusal(string file, GuardRules rules, RsyncAction rsync)
    {
        var host = (rsync.Source.Ssh ?? rsync.Destination.Ssh)?.Host ?? "";
        return rules.RsyncPaths.Any(r => r.Host.Equals(host, StringComparison.OrdinalIgnoreCase) && r.Allow.Contains(rsync.RsyncPath))
            ? null
            : Refuse($"{file}: rsync.rsync_paths, default deny",
                $"rsync.rsync_paths does not list {LogText.Escape(rsync.RsyncPath)} for {LogText.Escape(host)}: add it to {file}");
    }

    private static GuardDecision CheckRemote(string file, IReadOnlyList<RemoteRule> rules, string list, RemoteAccess access) =>
        RemoteRule.Refusal(file, rules, list, access, out var rule) ?? Allow(rule!.Text);

    private static GuardDecision CheckRemoteMirror(string file, GuardRules rules, RsyncAction rsync)
    {
        // With which keys is a matter of the other list, which has allowed them.
        var access = RemoteAccess.Of(rsync.Destination);
        var rule = rules.RemoteMirrors.FirstOrDefault(r => r.Allows(access with { IdentityFile = "", PasswordFile = "" }));
        return rule is null
            ? RemoteRule.Refusal(
                file, rules.RemoteMirrors, "rsync.remote_mirrors", access with { IdentityFile = "", PasswordFile = "" }, out _)!
            : rsync.MaxDelete > rule.MaxDelete
                ? Refuse(rule.Text, $"the policy's max_delete {rsync.MaxDelete} is above the rule's {rule.MaxDelete}: lower it, or raise "
                    + $"the rule's in {file}")
                : Allow(rule.Text) with { MaxDelete = rule.MaxDelete };
    }

    private static GuardDecision CheckReplication(string file, GuardRules rules, ZfsReplicateAction action)
    {
        if ((action.TargetHost ?? action.SourceHost) is { } remote
            && CheckRemote(file, rules.ReplicationRemotes, "replication.remotes", RemoteAccess.Of(remote)) is { Allowed: false } refused)
        {
            return refused;
        }

        var storage = new StorageRules(file, "zfs", rules.Zfs);
        var refusal = (action.SourceHost is null ? storage.Refusal("send", action.Source) : null)
            ?? (action.TargetHost is null ? storage.Refusal("receive", action.Target) : null);
        return refusal
            ?? Allow(storage.Nearest(action.TargetHost is null ? action.Target : action.Source)!.Text) with { Storage = storage };
    }

    private static GuardDecision CheckStorage(string file, string section, IReadOnlyList<StorageRule> rules, string verb, string[] names)
    {
        var storage = new StorageRules(file, section, rules);
        return storage.Refusal(verb, names)
            ?? (names.Length > 0
                ? Allow(storage.Nearest(names[0])!.Text) with { Storage = storage }
                : Refuse($"{file}: {section}, default deny", $"the action names no {(section == "zfs" ? "dataset" : "volume")}"));
    }

    private static string DatasetOf(string? snapshot) => snapshot?.Split('@', 2)[0] ?? "";

    /// <summary>Of which volumes they are snapshots shows only when the volumes were looked at: the action asks again.</summary>
    private static GuardDecision CheckLvmSnapshots(string file, GuardRules rules, string verb, string[] snapshots)
    {
        StorageRule? first = null;
        foreach (var group in snapshots.Select(s => s.Split('/')[0]))
        {
            if (rules.Lvm.FirstOrDefault(r => StorageRules.IsWithin(r.Name, group) && r.Allow.Contains(verb)) is not { } rule)
            {
                return Refuse($"{file}: lvm, default deny",
                    $"no rule of lvm allows {verb} for anything in group {LogText.Escape(group)}: add it to {file}");
            }

            first ??= rule;
        }

        return first is not null
            ? Allow(first.Text) with { Storage = new StorageRules(file, "lvm", rules.Lvm) }
            : Refuse($"{file}: lvm, default deny", "the action names no snapshot");
    }

    private static GuardDecision Allow(string rule) => new() { Allowed = true, Rule = rule, Message = "allowed" };

    private static GuardDecision Refuse(string rule, string message) => new() { Allowed = false, Rule = rule, Message = message };
}
