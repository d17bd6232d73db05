using System.Text;
using Fleet.Agent.Logging;
using Fleet.Protocol.V1;
using Fleet.Schedules.Retention;
using Fleet.Yaml;

namespace Fleet.Agent.Guard;

/// <summary>The content of guard.yaml. Reference with examples: docs/agent.md.</summary>
internal sealed record GuardRules
{
    /// <summary>What may be read by rsync on this host.</summary>
    public IReadOnlyList<PathRule> Sources { get; init; } = [];

    public IReadOnlyList<DestinationRule> Destinations { get; init; } = [];

    /// <summary>rsync sees nothing but its trees. False if the host cannot do that, and its administrator does without.</summary>
    public bool Confine { get; init; } = true;

    /// <summary>How rsync may be started on another host, besides as it is there by itself.</summary>
    public IReadOnlyList<RsyncPathRule> RsyncPaths { get; init; } = [];

    /// <summary>Hosts that rsync may copy from or to.</summary>
    public IReadOnlyList<RemoteRule> Remotes { get; init; } = [];

    /// <summary>Hosts on which rsync may also delete.</summary>
    public IReadOnlyList<RemoteRule> RemoteMirrors { get; init; } = [];

    /// <summary>
    /// Files with keys and passwords of other hosts, of all rules: nothing reads or writes them but ssh and rsync for a connection.
    /// </summary>
    public IReadOnlyList<string> KeyFiles { get; init; } = [];

    public IReadOnlyList<CommandRule> Commands { get; init; } = [];

    /// <summary>Hosts that ZFS snapshots may be sent to or received from.</summary>
    public IReadOnlyList<RemoteRule> ReplicationRemotes { get; init; } = [];

    /// <summary>Datasets, and what may be done with them.</summary>
    public IReadOnlyList<StorageRule> Zfs { get; init; } = [];

    /// <summary>LVM's groups and volumes, and what may be done with them.</summary>
    public IReadOnlyList<StorageRule> Lvm { get; init; } = [];

    /// <summary>The rule by which a clock that jumped may be accepted from the coordinator. Null if it may not.</summary>
    public string? AcceptClock { get; init; }

    /// <summary>Where files may be restored to, and from what.</summary>
    public IReadOnlyList<RestoreRule> Restore { get; init; } = [];

    /// <summary>Names of the actions of which something is allowed, such as "rsync", "zfs.prune".</summary>
    public IReadOnlyList<string> AllowedActions =>
    [
        .. Destinations.Count > 0 || Remotes.Count > 0 ? ["rsync"] : (string[])[],
        .. Commands.Count > 0 ? ["command"] : (string[])[],
        .. StorageRule.ZfsVerbs.Where(v => Zfs.Any(r => r.Allow.Contains(v)))
            .Select(v => v is "send" or "receive" ? "zfs.replicate" : $"zfs.{v}").Distinct(),
        .. StorageRule.LvmVerbs.Where(v => Lvm.Any(r => r.Allow.Contains(v))).Select(
            v => v switch { "rollback" => "lvm.restore", "hold" => "lvm.protect", _ => $"lvm.{v}" }),
        .. Restore.Count > 0 ? ["restore.files"] : (string[])[],
        .. AcceptClock is not null ? ["clock.accept"] : (string[])[],
    ];

    /// <summary>A rule that names one path and everything below it.</summary>
    internal sealed record PathRule(byte[] Path, string Text);

    /// <summary>A path below which rsync may write, and how.</summary>
    /// <param name="Versions">What survives of each policy's dated trees, whatever the coordinator asks.</param>
    internal sealed record DestinationRule(
        byte[] Path, IReadOnlyList<RsyncMode> Allow, long MaxDelete, RetentionGuard Versions, string Text);

    /// <param name="Host">Exactly as policies name it.</param>
    /// <param name="Allow">Values of rsync_path, word for word.</param>
    internal sealed record RsyncPathRule(string Host, IReadOnlyList<string> Allow);

    /// <summary>A program, the arguments that it may get, and what else the coordinator may set.</summary>
    internal sealed record CommandRule(
        string Program, IReadOnlyList<string> Arguments, IReadOnlyList<string> Environment, IReadOnlyList<string> WorkingDirectories,
        string Text);

    /// <summary>Reads the text of a guard file; what is wrong goes to <paramref name="problems"/>.</summary>
    public static GuardRules Parse(ReadOnlySpan<byte> content, string fileName, YamlProblems problems)
    {
        var documents = YamlFile.Parse(content, fileName, problems);
        if (documents.Count > 1)
        {
            problems.Add(fileName, documents[1].Line, 1, "", "holds more than one document; one is expected");
        }

        if (documents.Count == 0)
        {
            return new GuardRules();
        }

        var file = documents[0];
        var rules = new GuardRules
        {
            Commands = [.. file.Mappings("commands").Select(Command)],
            Zfs = StorageRuleReader.Zfs(file),
            Lvm = StorageRuleReader.Lvm(file),
            Restore = RestoreRuleReader.Read(file)
        };
        if (file.Mapping("rsync") is { } rsync)
        {
            var keys = RemoteRuleReader.Keys(rsync);
            rules = rules with
            {
                Sources = [.. rsync.Strings("sources").Select((path, i) => new PathRule(
                    PathOf(rsync, $"sources[{i}]", path), Text(rsync, $"sources[{i}]", $"rsync.sources: {path}")))],
                Destinations = [.. rsync.Mappings("destinations").Select(Destination)],
                Confine = rsync.Boolean("confine") ?? true,
                Remotes = RemoteRuleReader.Remotes(rsync, "rsync", keys),
                RemoteMirrors = RemoteRuleReader.Mirrors(rsync, "rsync"),
                KeyFiles = keys,
                RsyncPaths = [.. rsync.Mappings("rsync_paths").Select(RsyncPath)],
            };
            rsync.RefuseUnknown();
        }

        if (file.Mapping("replication") is { } replication)
        {
            var keys = RemoteRuleReader.Keys(replication);
            rules = rules with
            {
                ReplicationRemotes = RemoteRuleReader.Remotes(replication, "replication", keys),
                KeyFiles = [.. rules.KeyFiles, .. keys]
            };
            replication.RefuseUnknown();
        }

        if (file.Mapping("retention") is { } retention)
        {
            rules = rules with
            {
                AcceptClock = retention.Boolean("accept_clock") == true ? Text(retention, "accept_clock",
                "retention: accept_clock") : null
            };
            retention.RefuseUnknown();
        }

        file.RefuseUnknown();
        var named = rules.Remotes.Concat(rules.ReplicationRemotes).SelectMany(r => r.IdentityFiles.Concat(r.PasswordFiles)).Where(
            f => f.Length > 0);
        return rules with { KeyFiles = [.. rules.KeyFiles.Concat(named).Distinct()] };
    }

    private static DestinationRule Destination(YamlMapping rule)
    {
        var path = rule.RequiredString("path");
        var allow = rule.Strings("allow");
        List<RsyncMode> modes = [];
        for (var i = 0; i < allow.Count; i++)
        {
            switch (allow[i])
            {
                case "copy": modes.Add(RsyncMode.Copy); break;
                case "mirror": modes.Add(RsyncMode.Mirror); break;
                case "versions": modes.Add(RsyncMode.Versions); break;
                default: rule.Problem($"allow[{i}]", "must be one of copy, mirror, versions"); break;
            }
        }

        if (modes.Count == 0)
        {
            rule.Problem("allow", "must name at least one of copy, mirror, versions");
        }

        const long DefaultMaxDelete = 10_000; // as RsyncAction.max_delete

        // A week of daily trees. Files from before this key must keep working, and a floor costs little where unchanged files are shared.
        const int DefaultKeepNewest = 7;
        var maxDelete = rule.Integer("max_delete", 0, int.MaxValue) ?? DefaultMaxDelete;
        var keepNewest = rule.Integer("keep_newest", 1, int.MaxValue);
        var youngest = rule.Duration("youngest", TimeSpan.Zero, StorageRuleReader.LongestAge);
        foreach (var (key, isGiven) in new[] { ("keep_newest", keepNewest is not null), ("youngest", youngest is not null) })
        {
            if (isGiven && !modes.Contains(RsyncMode.Versions))
            {
                rule.Problem(key, "applies to dated trees, but allow does not list versions");
            }
        }

        rule.RefuseUnknown();
        var versions = new RetentionGuard { Floor = (int)(keepNewest ?? DefaultKeepNewest), YoungestAge = youngest ?? TimeSpan.Zero };
        var floor = modes.Contains(RsyncMode.Versions)
            ? $", keep_newest {versions.Floor}, youngest {DurationText.Format(versions.YoungestAge)}"
            : "";
        var text = $"rsync.destinations: {path} allows {string.Join(", ", allow)}, max_delete {maxDelete}{floor}";
        return new DestinationRule(PathOf(rule, "path", path), modes, maxDelete, versions, Text(rule, "path", text));
    }

    private static CommandRule Command(YamlMapping rule)
    {
        var program = rule.RequiredString("program");
        if (!program.StartsWith('/'))
        {
            rule.Problem("program", "must be an absolute path");
        }

        var arguments = rule.Strings("arguments");
        for (var i = 0; i < arguments.Count - 1; i++)
        {
            if (arguments[i] == "**")
            {
                rule.Problem($"arguments[{i}]", "\"**\" stands for all further arguments and must be the last");
            }
        }

        var result = new CommandRule(
            program,
            arguments,
            rule.Strings("environment"),
            rule.Strings("working_directories"),
            Text(rule, "program", $"commands: {string.Join(' ', arguments.Prepend(program))}"));
        rule.RefuseUnknown();
        return result;
    }

    private static RsyncPathRule RsyncPath(YamlMapping rule)
    {
        var result = new RsyncPathRule(rule.RequiredString("host"), rule.Strings("allow"));
        rule.RefuseUnknown();
        return result;
    }

    /// <summary>An absolute path; reports what is wrong with it.</summary>
    public static byte[] PathOf(YamlMapping mapping, string key, string path)
    {
        if (!path.StartsWith('/'))
        {
            mapping.Problem(key, "must be an absolute path");
        }

        return Encoding.UTF8.GetBytes(path);
    }

    /// <summary>A rule as messages name it, with file and line. Safe to log.</summary>
    public static string Text(YamlMapping mapping, string key, string rule) =>
        LogText.Escape($"{mapping.File}:{mapping.PositionOf(key).Line}: {rule}");
}
