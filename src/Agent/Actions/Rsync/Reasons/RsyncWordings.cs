using System.Text.RegularExpressions;
using Fleet.Agent.Tools;

namespace Fleet.Agent.Actions.Rsync.Reasons;

/// <summary>
/// The lines of stderr that rsync, its daemon, rrsync and the other side's shell are known to print, as recorded from real releases, and
/// what each means. Anchored, so that nothing in a file's name can be taken for one. Pure.
/// </summary>
internal static partial class RsyncWordings
{
    /// <summary>Null if the line is not known.</summary>
    /// <param name="line">Safe to show.</param>
    /// <param name="remote">Null if both sides are on this host.</param>
    public static FailureReason? Of(string line, RemoteEnd? remote) =>
        Files(line, remote) ?? Daemon(line, remote) ?? Connection(line) ?? Shell(line, remote) ?? Options(line, remote);

    private static FailureReason? Files(string line, RemoteEnd? remote)
    {
        var there = remote is { IsSource: false } ? $" on {remote.Host}" : "";
        if (NoRoom().Match(line) is { Success: true } full)
        {
            return full.Groups[2].Value switch
            {
                "Read-only file system" =>
                    new(FailureKind.ReadOnly, $"the destination{there} is on a file system that is mounted read-only ({full.Groups[1]})"),
                "Disk quota exceeded" =>
                    new(FailureKind.DiskFull, $"the quota of the destination{there} is used up ({full.Groups[1]})",
                        "make room there, or raise it"),
                _ => new(FailureKind.DiskFull, $"the destination{there} is full ({full.Groups[1]})", "make room there"),
            };
        }

        if (MakesFolder().Match(line) is { Success: true } folder)
        {
            return folder.Groups[3].Value == "2"
                ? new(FailureKind.DestinationUnusable, $"nothing was transferred, because the folder that should hold the destination "
                    + $"{folder.Groups[1]}{there} does not exist", "make it")
                : new(FailureKind.DestinationUnusable,
                    $"nothing was transferred, because the destination {folder.Groups[1]}{there} cannot be made ({folder.Groups[2]})");
        }

        if (LooksAtDestination().Match(line) is { Success: true } destination)
        {
            return new(FailureKind.DestinationUnusable, $"nothing was transferred, because the destination {destination.Groups[1]}{there} "
                + $"cannot be used ({destination.Groups[2]})");
        }

        if (EntersSource().Match(line) is { Success: true } source)
        {
            var from = remote is { IsSource: true } ? $" on {remote.Host}" : "";
            return new(FailureKind.SourceUnusable,
                $"nothing was transferred, because the source {source.Groups[1]}{from} cannot be read ({source.Groups[2]})");
        }

        return DeletionsStopped().IsMatch(line) ? new(FailureKind.DeletionsStopped, line)
            : Entry().IsMatch(line) ? new(FailureKind.SomeEntries, line)
            : null;
    }

    private static FailureReason? Daemon(string line, RemoteEnd? remote)
    {
        var (host, module, file) = (remote?.Host ?? "the other host", remote?.Module ?? "", remote?.PasswordFile ?? "");
        var its = $"the module {module} of {host}";
        if (NoPasswordFile().Match(line) is { Success: true } missing)
        {
            return new(FailureKind.PasswordFileUnusable, $"the password file {missing.Groups[1]} cannot be opened ({missing.Groups[2]})");
        }

        if (EmptyPasswordFile().Match(line) is { Success: true } empty)
        {
            return new(FailureKind.PasswordFileUnusable, $"the password file {empty.Groups[1]} holds no password");
        }

        if (Admits().Match(line) is { Success: true } admits)
        {
            return new(FailureKind.Refused, $"the rsync daemon on {host} does not admit this host ({admits.Groups[1]})",
                "see 'hosts allow' and 'hosts deny' in its rsyncd.conf");
        }

        if (Full().Match(line) is { Success: true } full)
        {
            return new(
                FailureKind.TooManyConnections, $"{its} has reached its maximum number of connections ({full.Groups[1]})", Retryable: true);
        }

        if (NoModule().Match(line) is { Success: true } unknown)
        {
            return new(FailureKind.Refused, $"the rsync daemon on {host} has no module {unknown.Groups[1]}");
        }

        if (NotGreeted().Match(line) is { Success: true } other)
        {
            return new(FailureKind.WrongPeer, $"what answers on that port of {host} is not an rsync daemon: it sent {other.Groups[1]}");
        }

        return line switch
        {
            "ERROR: password file must not be other-accessible" =>
                new(FailureKind.PasswordFileUnusable, $"rsync does not use the password file {file}, because others may read it",
                    $"chmod 600 {file}"),
            "ERROR: password file must be owned by root when running as root" =>
                new(FailureKind.PasswordFileUnusable, $"rsync does not use the password file {file}, because it does not belong to root",
                    $"chown root {file}"),
            "ERROR: module is read only" =>
                new(FailureKind.Refused, $"{its} is read only", "'read only = no' in its rsyncd.conf, or another module"),
            "ERROR: module is write only" =>
                new(FailureKind.Refused, $"{its} is write only", "'write only = no' in its rsyncd.conf, or another module"),
            "@ERROR: chroot failed" or "@ERROR: chdir failed" =>
                new(FailureKind.Refused, $"the rsync daemon on {host} cannot enter the folder of its module {module}",
                    "see 'path' of the module in its rsyncd.conf"),
            _ when !Denied().IsMatch(line) => null,
            _ when file.Length > 0 => new(
                FailureKind.PasswordRefused, $"the rsync daemon on {host} refused the user or password for its module {module}",
                $"compare user and password file ({file}) here with 'auth users' and 'secrets file' there"),
            _ => new(FailureKind.PasswordRefused, $"{its} asks for a user and a password", "give user and password_file"),
        };
    }

    private static FailureReason? Connection(string line) =>
        NoConnection().Match(line) is { Success: true } refused
            ? new(FailureKind.NotReachable, $"{refused.Groups[1]} cannot be reached ({refused.Groups[2]})", Retryable: true)
        : NoName().Match(line) is { Success: true } name
            ? new(
                FailureKind.NameUnknown, $"the name {name.Groups[1]} has no address ({name.Groups[2]})",
                Retryable: name.Groups[2].Value.StartsWith("Temporary", StringComparison.Ordinal))
        : null;

    private static FailureReason? Shell(string line, RemoteEnd? remote)
    {
        var host = remote?.Host ?? "the other host";
        if (line == "protocol version mismatch -- is your shell clean?")
        {
            return new(
                FailureKind.ShellPrints, $"the shell on {host} prints text where only rsync's output may appear",
                "silence it for logins without a terminal (~/.bashrc, /etc/bash.bashrc, a forced command): ssh must print nothing there "
                    + "when it runs true");
        }

        return NoTool().Match(line) is { Success: true } tool
            ? tool.Groups[2].Value == "Permission denied"
                ? new(FailureKind.ToolMissing, $"{tool.Groups[1]} cannot be run on {host} (Permission denied)")
                : new(FailureKind.ToolMissing, $"{tool.Groups[1]} was not found on {host}", "install it there")
            : null;
    }

    private static FailureReason? Options(string line, RemoteEnd? remote)
    {
        var host = remote?.Host ?? "the other host";
        if (RefusedOption().Match(line) is { Success: true } option)
        {
            return new(FailureKind.Refused, $"the rsync daemon on {host} refuses the option {option.Groups[1]}",
                "see 'refuse options' in its rsyncd.conf");
        }

        if (Restricted().Match(line) is { Success: true } rrsync)
        {
            return RestrictedOption().Match(rrsync.Groups[1].Value) is { Success: true } named
                ? new(FailureKind.Refused, $"the command that {host} ties to this key (rrsync) refuses the option {named.Groups[1]}",
                    "allow it there, or remove from the policy what needs it")
                : new(FailureKind.Refused,
                    $"the command that {host} ties to this key (rrsync) refuses the transfer: {rrsync.Groups[1].Value.TrimEnd('.')}");
        }

        return UnknownOption().Match(line) is { Success: true } unknown
            ? new(FailureKind.OptionUnknown, $"rsync does not know the option {unknown.Groups[1]}",
                "upgrade it: its version is too old for this policy")
            : UnknownItem().IsMatch(line)
                ? new(FailureKind.OptionUnknown, $"rsync on this host does not know one of its options ({line})",
                    "upgrade it: its version is too old for this agent")
            : null;
    }

    [GeneratedRegex("^rsync: [^\"]*\"(.*)\".*: (No space left on device|Disk quota exceeded|Read-only file system) \\(\\d+\\)$")]
    private static partial Regex NoRoom();

    [GeneratedRegex("^rsync: (?:\\[Receiver\\] )?mkdir \"(.*)\"(?: \\(in .+\\))? failed: (.+) \\((\\d+)\\)$")]
    private static partial Regex MakesFolder();

    [GeneratedRegex("^rsync: (?:\\[Receiver\\] )?ERROR: cannot stat destination \"(.*)\"(?: \\(in .+\\))?: (.+) \\(\\d+\\)$")]
    private static partial Regex LooksAtDestination();

    [GeneratedRegex("^rsync: (?:\\[sender\\] )?change_dir(?:#\\d)? \"(.*)\"(?: \\(in .+\\))? failed: (.+) \\(\\d+\\)$")]
    private static partial Regex EntersSource();

    [GeneratedRegex(@"^Deletions stopped due to --max-delete limit \(\d+ skipped\)$")]
    private static partial Regex DeletionsStopped();

    [GeneratedRegex("^(rsync: .+\".*\".*: .+ \\(\\d+\\)|file has vanished: \".*\")$")]
    private static partial Regex Entry();

    [GeneratedRegex(@"^rsync: (?:\[\w+\] )?could not open password file (.+): (.+) \(\d+\)$")]
    private static partial Regex NoPasswordFile();

    [GeneratedRegex("^ERROR: failed to read a password from (.+)$")]
    private static partial Regex EmptyPasswordFile();

    [GeneratedRegex(@"^(?:Password: )?@ERROR: auth failed on module .+$")]
    private static partial Regex Denied();

    [GeneratedRegex("^@ERROR: (access denied to .+)$")]
    private static partial Regex Admits();

    [GeneratedRegex(@"^@ERROR: max connections \((\d+)\) reached -- try again later$")]
    private static partial Regex Full();

    [GeneratedRegex("^@ERROR: Unknown module '(.+)'$")]
    private static partial Regex NoModule();

    [GeneratedRegex("^rsync: server sent (\".*\") rather than greeting$")]
    private static partial Regex NotGreeted();

    [GeneratedRegex(@"^rsync: (?:\[\w+\] )?failed to connect to (\S+ \(.+\)): (.+) \(\d+\)$")]
    private static partial Regex NoConnection();

    [GeneratedRegex(@"^rsync: getaddrinfo: (\S+) \d+: (.+)$")]
    private static partial Regex NoName();

    [GeneratedRegex(@"^(?:\w+: line \d+|env): '?([^':]+)'?: (command not found|No such file or directory|Permission denied)$")]
    private static partial Regex NoTool();

    [GeneratedRegex(@"^rsync: (?:\[\w+\] )?The server is configured to refuse (\S+)$")]
    private static partial Regex RefusedOption();

    [GeneratedRegex(@"^\S*rrsync(?: error:|:)? (.+)$")]
    private static partial Regex Restricted();

    [GeneratedRegex(@"^option (\S+) has been disabled on this server\.$")]
    private static partial Regex RestrictedOption();

    [GeneratedRegex(@"^rsync: (?:on remote machine: )?(\S+): unknown option$")]
    private static partial Regex UnknownOption();

    [GeneratedRegex("^Unknown --\\w+ item: \".+\"$")]
    private static partial Regex UnknownItem();
}
