using System.Text;
using System.Text.RegularExpressions;
using Fleet.Protocol.V1;
using Google.Protobuf;

namespace Fleet.Coordinator.Policies;

/// <summary>The part that knows the actions.</summary>
internal sealed partial class PolicyValidator
{
    /// <summary>PATH_MAX of Linux.</summary>
    private const int MaxPathBytes = 4096;

    /// <summary>MAX_ARG_STRLEN of Linux: one argument of execve(2).</summary>
    private const int MaxArgumentBytes = 128 * 1024;

    private void ValidateRsync(RsyncAction rsync, string path)
    {
        var sourceOk = ValidateEndpoint(rsync.Source, $"{path}.source");
        var destinationOk = ValidateEndpoint(rsync.Destination, $"{path}.destination");
        if (rsync.Mode is not (RsyncMode.Copy or RsyncMode.Mirror or RsyncMode.Versions))
        {
            Refuse($"{path}.mode", "is required: copy, mirror or versions");
        }

        if (rsync.Source is { RemoteCase: not RsyncEndpoint.RemoteOneofCase.None }
            && rsync.Destination is { RemoteCase: not RsyncEndpoint.RemoteOneofCase.None })
        {
            Refuse($"{path}.destination", "source and destination are both remote: rsync can have one remote side only");
        }

        if (rsync.Mode == RsyncMode.Versions && rsync.Destination is { RemoteCase: not RsyncEndpoint.RemoteOneofCase.None })
        {
            Refuse($"{path}.destination", "mode versions needs a local destination: let the agent on the destination's host pull");
        }

        if (sourceOk && destinationOk)
        {
            ValidateOverlap(rsync, path);
        }

        ValidateExcludes(rsync, path);
        ValidatePatterns(rsync.Excludes, $"{path}.excludes");
        ValidatePatterns(rsync.Includes, $"{path}.includes");
        if (rsync.BandwidthLimitBytesPerSecond is not 0 and < 1024)
        {
            Refuse($"{path}.bandwidth_limit_bytes_per_second", "must be 0 (no limit) or at least 1,024");
        }

        RefuseNegative(rsync.MaxDelete, $"{path}.max_delete");
        RefuseNegative(rsync.MinSourceEntries, $"{path}.min_source_entries");
        RefuseNegative(rsync.KeepVersions, $"{path}.keep_versions");
        if (rsync.MaxDelete > 0 && rsync.Mode is RsyncMode.Copy or RsyncMode.Versions)
        {
            Refuse($"{path}.max_delete", "only mode mirror deletes");
        }

        ValidateRsyncOptions(rsync, path);

        if (rsync.DryRun)
        {
            Warn("the action is a dry run: it changes nothing, and so protects nothing");
        }
    }

    private bool ValidateEndpoint(RsyncEndpoint? endpoint, string path)
    {
        if (endpoint is null)
        {
            Refuse(path, "is required");
            return false;
        }

        var before = _violations.Count;
        var bytes = endpoint.Path.Span;
        var daemon = endpoint.RemoteCase == RsyncEndpoint.RemoteOneofCase.Daemon;
        if (bytes.IsEmpty && !daemon)
        {
            Refuse($"{path}.path", "is required");
        }
        else if (!daemon && bytes[0] != (byte)'/')
        {
            Refuse($"{path}.path", "must be absolute (begin with \"/\")");
        }

        RefuseBadPath(bytes, $"{path}.path");
        RefusePlaceholder(endpoint.Path, $"{path}.path");
        RefusePlaceholder(endpoint.RequiredMount, $"{path}.required_mount");
        if (!endpoint.RequiredMount.IsEmpty)
        {
            if (endpoint.RemoteCase != RsyncEndpoint.RemoteOneofCase.None)
            {
                Refuse($"{path}.required_mount", "can be checked for a local path only");
            }
            else if (endpoint.RequiredMount[0] != (byte)'/')
            {
                Refuse($"{path}.required_mount", "must be absolute (begin with \"/\")");
            }

            RefuseBadPath(endpoint.RequiredMount.Span, $"{path}.required_mount");
        }

        switch (endpoint.RemoteCase)
        {
            case RsyncEndpoint.RemoteOneofCase.Ssh:
                ValidateSsh(endpoint.Ssh, $"{path}.ssh");
                break;
            case RsyncEndpoint.RemoteOneofCase.Daemon:
                ValidateRemote(endpoint.Daemon.Host, endpoint.Daemon.Port, endpoint.Daemon.User, $"{path}.daemon");
                RefuseRelativeFile(endpoint.Daemon.PasswordFile, $"{path}.daemon.password_file");
                if (!ModulePattern().IsMatch(endpoint.Daemon.Module))
                {
                    Refuse($"{path}.daemon.module", "is required: the module's name, without \"/\" and without spaces");
                }

                break;
            default:
                break;
        }

        return _violations.Count == before;
    }

    private void ValidateRemote(string host, int port, string user, string path)
    {
        // A leading "-" would be read as an option by ssh(1) and rsync(1).
        if (!RemoteHostPattern().IsMatch(host))
        {
            Refuse($"{path}.host", "is required: a host name or an address");
        }

        if (port is < 0 or > 65535)
        {
            Refuse($"{path}.port", "must be 1 to 65535 (0: the default)");
        }

        if (user.Length > 0 && !UserPattern().IsMatch(user))
        {
            Refuse($"{path}.user", "is no user name");
        }
    }

    private void ValidateCommand(CommandAction command, string path)
    {
        if (!command.Program.StartsWith('/'))
        {
            Refuse($"{path}.program", "must be an absolute path; there is no shell and no search path");
        }

        RefuseBadPath(Encoding.UTF8.GetBytes(command.Program), $"{path}.program");
        for (var i = 0; i < command.Arguments.Count; i++)
        {
            if (command.Arguments[i].Contains('\0') || Encoding.UTF8.GetByteCount(command.Arguments[i]) >= MaxArgumentBytes)
            {
                Refuse($"{path}.arguments[{i}]", "an argument is shorter than 128 KiB and has no NUL");
            }
        }

        if (command.Arguments.Count > 1_000)
        {
            Refuse($"{path}.arguments", "more than 1,000 arguments");
        }

        foreach (var (name, value) in command.Environment)
        {
            if (!EnvironmentPattern().IsMatch(name) || value.Contains('\0') || Encoding.UTF8.GetByteCount(value) >= MaxArgumentBytes)
            {
                Refuse($"{path}.environment[\"{Printable(name)}\"]", "names are letters, digits and '_'; values are shorter than 128 KiB without NUL");
            }
        }

        RefuseRelativeFile(command.WorkingDirectory, $"{path}.working_directory");
        for (var i = 0; i < command.SuccessExitCodes.Count; i++)
        {
            if (command.SuccessExitCodes[i] is < 0 or > 255)
            {
                Refuse($"{path}.success_exit_codes[{i}]", "must be 0 to 255");
            }
        }
    }

    private void RefusePlaceholder(ByteString text, string path)
    {
        if (PathPlaceholders.Problem(Encoding.Latin1.GetString(text.Span)) is { } problem)
        {
            Refuse(path, problem);
        }
    }

    private void RefuseBadPath(ReadOnlySpan<byte> bytes, string path)
    {
        if (bytes.Contains((byte)0) || bytes.Length >= MaxPathBytes)
        {
            Refuse(path, "a path is shorter than 4,096 bytes and has no NUL");
        }
    }

    private void RefuseRelativeFile(string file, string path)
    {
        if (file.Length > 0 && (!file.StartsWith('/') || file.Contains('\0') || file.Length >= MaxPathBytes))
        {
            Refuse(path, "must be an absolute path");
        }
    }

    private void RefuseNegative(long value, string path)
    {
        if (value < 0)
        {
            Refuse(path, "must not be negative");
        }
    }

    [GeneratedRegex("^[A-Za-z0-9\\[_:.%][A-Za-z0-9\\[\\]_:.%-]{0,252}\\z")]
    private static partial Regex RemoteHostPattern();

    [GeneratedRegex("^[A-Za-z0-9_][A-Za-z0-9_.@$+-]{0,127}\\z")]
    private static partial Regex UserPattern();

    [GeneratedRegex("^[^/\\s\\p{Cc}-][^/\\s\\p{Cc}]{0,254}\\z")]
    private static partial Regex ModulePattern();

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]{0,254}\\z")]
    private static partial Regex EnvironmentPattern();
}
