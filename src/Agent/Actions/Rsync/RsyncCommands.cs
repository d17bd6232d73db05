using System.Globalization;
using Fleet.Agent.Actions.Rsync.Ownership;
using Fleet.Agent.Ssh;
using Fleet.Agent.Tools;
using Fleet.Agent.Tools.Confinement;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Rsync;

/// <summary>
/// Argument vectors of rsync(1), from a checked action. Pure; rsync 3.1 or newer. Of --info only what 3.1 knows: a name that rsync does not
/// know, such as nonreg before 3.2.4, is an error, and the files that it skips are named by every release without being asked.
/// </summary>
internal static class RsyncCommands
{
    /// <summary>Marks the lines that a dry run prints for each change.</summary>
    public const string ChangePrefix = "fleet:";

    /// <summary>A path without any traffic for this long is dead. Unit: seconds.</summary>
    public const int RemoteTimeoutSeconds = 300;

    /// <summary>The transfer itself.</summary>
    /// <param name="action">Checked by <see cref="RsyncEndpoints.Problem(RsyncAction)"/>.</param>
    /// <param name="maxDelete">Mirror: --max-delete. A dry run lists all.</param>
    /// <param name="tree">Versions: the new tree, instead of the destination's path.</param>
    /// <param name="confined">rsync sees only its trees: the remote shell, which needs keys, must leave that.</param>
    /// <param name="linkDestinations">Versions: complete or left-over trees, best first, absolute. rsync takes 20 at most.</param>
    public static IReadOnlyList<ToolArgument> Transfer(
        RsyncAction action, long maxDelete, byte[]? tree = null, IReadOnlyList<byte[]>? linkDestinations = null, bool confined = false)
    {
        List<ToolArgument> arguments =
        [
            "-a",
            "--stats",
            "--no-human-readable",
            "--outbuf=L",
            action.DryRun ? "--info=del1" : "--info=progress2,del1",
        ];
        if (action.DryRun)
        {
            arguments.Add("--dry-run");
            arguments.Add($"--out-format={ChangePrefix}%i %l %n");
        }

        if (action.Mode == RsyncMode.Mirror)
        {
            // Deletions come last, once the transfer is known to have gone well.
            arguments.Add("--delete-delay");
            if (!action.DryRun)
            {
                arguments.Add(string.Create(CultureInfo.InvariantCulture, $"--max-delete={Math.Clamp(maxDelete, 0, int.MaxValue)}"));
            }
        }

        AddFlag(arguments, action.NumericIds, "--numeric-ids");
        AddFlag(arguments, action.HardLinks, "-H");
        AddFlag(arguments, action.AclsAndXattrs, "-A");
        AddFlag(arguments, action.AclsAndXattrs, "-X");
        AddFlag(arguments, action.Checksum, "--checksum");
        AddFlag(arguments, action.OneFileSystem, "-x");
        AddFlag(arguments, action.Sparse, "-S");
        AddFlag(arguments, action.DeleteExcluded, "--delete-excluded");
        if (action.BandwidthLimitBytesPerSecond > 0)
        {
            // In KiB/s; 0 would mean no limit at all.
            var kibibytes = Math.Max(1, action.BandwidthLimitBytesPerSecond / 1024);
            arguments.Add(string.Create(CultureInfo.InvariantCulture, $"--bwlimit={kibibytes}"));
        }

        AddOwnFilters(arguments, action.Mode);
        foreach (var pattern in action.Includes)
        {
            arguments.Add($"--include={pattern}");
        }

        foreach (var pattern in action.Excludes)
        {
            arguments.Add($"--exclude={pattern}");
        }

        foreach (var linkDestination in linkDestinations ?? [])
        {
            arguments.Add(ToolArgument.Join("--link-dest=", linkDestination));
        }

        AddRemote(arguments, action, RsyncEndpoints.IsRemote(action.Source) ? action.Source : action.Destination, confined);
        arguments.Add(RsyncEndpoints.Source(action.Source));
        arguments.Add(tree is null ? RsyncEndpoints.Destination(action.Destination) : RsyncEndpoints.Directory(tree));
        return arguments;
    }

    /// <summary>
    /// Lists what a mirror would change and delete. Without --checksum, which reads all data on both sides and has no say in what is
    /// deleted.
    /// </summary>
    public static IReadOnlyList<ToolArgument> Count(RsyncAction action, bool confined = false)
    {
        var dry = action.Clone();
        (dry.DryRun, dry.Checksum) = (true, false);
        return Transfer(dry, maxDelete: 0, confined: confined);
    }

    /// <summary>Lists the entries of a remote source, one per line after one for the directory itself.</summary>
    public static IReadOnlyList<ToolArgument> List(RsyncAction action)
    {
        List<ToolArgument> arguments = ["-d", "--list-only", "--no-human-readable"];
        AddRemote(arguments, action, action.Source, confined: false);
        arguments.Add(RsyncEndpoints.Source(action.Source));
        return arguments;
    }

    /// <summary>Fetches one regular file of a remote destination, if it is there and not larger than that, into a local folder.</summary>
    public static IReadOnlyList<ToolArgument> FetchFile(RsyncAction action, string name, int maxBytes, string folder, bool confined)
    {
        List<ToolArgument> arguments = [string.Create(CultureInfo.InvariantCulture, $"--max-size={maxBytes}")];
        AddRemote(arguments, action, action.Destination, confined);
        arguments.AddRange([RsyncEndpoints.FileIn(action.Destination, name), $"{folder}/"]);
        return arguments;
    }

    /// <summary>Sends one local file into a remote destination.</summary>
    public static IReadOnlyList<ToolArgument> SendFile(RsyncAction action, string file, bool confined)
    {
        // Another content of the same size and second must not be taken for the same.
        List<ToolArgument> arguments = ["--ignore-times"];
        AddRemote(arguments, action, action.Destination, confined);
        arguments.AddRange([file, RsyncEndpoints.Destination(action.Destination)]);
        return arguments;
    }

    private static void AddRemote(List<ToolArgument> arguments, RsyncAction action, RsyncEndpoint endpoint, bool confined)
    {
        AddRemoteOptions(arguments, endpoint, confined);
        if (action.RsyncPath.Length > 0)
        {
            arguments.Add($"--rsync-path={action.RsyncPath}");
        }

        arguments.Add("--");
    }

    /// <summary>
    /// The owner of a destination is neither overwritten nor deleted, and the one that a source has of its own stays there. What a file
    /// system check keeps in a folder of its own belongs to the disk.
    /// </summary>
    private static void AddOwnFilters(List<ToolArgument> arguments, RsyncMode mode)
    {
        if (mode != RsyncMode.Versions)
        {
            arguments.AddRange([$"--filter=H /{OwnerMarker.FileName}", $"--filter=P /{OwnerMarker.FileName}"]);
        }

        if (mode == RsyncMode.Mirror)
        {
            arguments.Add("--filter=P /lost+found/");
        }
    }

    private static void AddFlag(List<ToolArgument> arguments, bool wanted, string flag)
    {
        if (wanted)
        {
            arguments.Add(flag);
        }
    }

    private static void AddRemoteOptions(List<ToolArgument> arguments, RsyncEndpoint endpoint, bool confined)
    {
        if (!RsyncEndpoints.IsRemote(endpoint))
        {
            return;
        }

        arguments.Add(string.Create(CultureInfo.InvariantCulture, $"--timeout={RemoteTimeoutSeconds}"));
        if (!RsyncEndpoints.IsPlain(endpoint))
        {
            // The remote shell and the daemon must not split or expand names: --secluded-args (before 3.2.6: --protect-args). Only where it
            // matters: rrsync, which confines a key to one folder, refuses it.
            arguments.Add("-s");
        }

        if (endpoint.Daemon is { } daemon)
        {
            arguments.Add(string.Create(CultureInfo.InvariantCulture, $"--contimeout={SshCommand.ConnectTimeoutSeconds}"));
            if (daemon.Port > 0)
            {
                arguments.Add(string.Create(CultureInfo.InvariantCulture, $"--port={daemon.Port}"));
            }

            if (daemon.PasswordFile.Length > 0)
            {
                arguments.Add($"--password-file={daemon.PasswordFile}");
            }
        }
        else if (endpoint.Ssh is { } ssh)
        {
            arguments.Add("-e");
            arguments.Add(confined ? $"{PrivateRoot.RemoteShell} {RemoteShell(ssh)}" : RemoteShell(ssh));
        }
    }

    // rsync splits this at spaces; RsyncEndpoints has made sure that no field holds one.
    private static string RemoteShell(SshRemote ssh) => string.Join(' ', SshCommand.Options(ssh).Prepend("ssh"));
}
