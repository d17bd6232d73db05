using System.Buffers;
using System.Text;
using Fleet.Agent.Ssh;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;
using Google.Protobuf;

namespace Fleet.Agent.Actions.Rsync;

/// <summary>Checks the two sides of a transfer and writes them the way rsync(1) takes them. Pure.</summary>
internal static class RsyncEndpoints
{
    private const int MaxPathBytes = 4096;

    private static readonly SearchValues<byte> PlainBytes =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+@:,=%"u8);

    /// <summary>What is wrong with the action, in one sentence; null if there is nothing.</summary>
    public static string? Problem(RsyncAction action)
    {
        if (action.Source is null || action.Destination is null)
        {
            return "the rsync action needs a source and a destination";
        }

        if (action.Mode is not (RsyncMode.Copy or RsyncMode.Mirror or RsyncMode.Versions))
        {
            return $"this agent does not know rsync mode {(int)action.Mode}: copy, mirror and versions are known";
        }

        if (IsRemote(action.Source) && IsRemote(action.Destination))
        {
            return "source and destination are both remote: rsync needs one of them on this host";
        }

        if (action.Mode == RsyncMode.Versions && IsRemote(action.Destination))
        {
            return "mode versions needs a destination on this host: run the policy on the host that keeps the versions";
        }

        if (action.Excludes.Concat(action.Includes).Any(e => e.Contains('\0') || Encoding.UTF8.GetByteCount(e) > MaxPathBytes))
        {
            return "an include or exclude pattern contains a NUL or is longer than 4,096 bytes";
        }

        if (OptionProblem(action) is { } option)
        {
            return option;
        }

        if (IsRemote(action.Destination) && Path(action.Destination).IndexOfAny("*?["u8) >= 0)
        {
            // rsync's receiving side expands wildcards of its own argument, and has no escape for a path that does not exist yet.
            return "the remote destination path holds '*', '?' or '[', which rsync would expand there: choose a path without them";
        }

        return Problem("source", action.Source) ?? Problem("destination", action.Destination);
    }

    /// <summary>Options that would do nothing, or something else, in this mode.</summary>
    private static string? OptionProblem(RsyncAction action)
    {
        if (action.DeleteExcluded && action.Mode != RsyncMode.Mirror)
        {
            return "only mode mirror deletes what is excluded";
        }

        if (action.Mode != RsyncMode.Versions && (action.KeepIncomplete || action.Retention is not null))
        {
            return "only mode versions keeps trees";
        }

        if (action.Retention is not null && action.KeepVersions > 0)
        {
            return "keep_versions and keep are mutually exclusive: give one of them";
        }

        if (action.Destination.SingleFile || (action.Source.SingleFile && action.Mode == RsyncMode.Mirror))
        {
            return "a single file can be a source only in the modes copy and versions";
        }

        // rsync hands it to the shell of the other host as it is.
        return action.RsyncPath.Length > 0
            && ((action.Source.Ssh ?? action.Destination.Ssh) is null
                || action.RsyncPath.Split(' ').Any(w => !RemoteFields.IsWord(w, "/._-+=,:@")))
                ? "rsync_path is for ssh, and holds words of letters, digits and '/._-+=,:@' separated by single spaces"
                : null;
    }

    public static bool IsRemote(RsyncEndpoint endpoint) => endpoint.RemoteCase != RsyncEndpoint.RemoteOneofCase.None;

    /// <summary>The path without trailing slashes; "/" stays.</summary>
    public static ReadOnlySpan<byte> Path(RsyncEndpoint endpoint)
    {
        var path = endpoint.Path.Span;
        while (path.Length > 1 && path[^1] == '/')
        {
            path = path[..^1];
        }

        return path;
    }

    /// <summary>
    /// The source argument: a single file, or the content of a directory, never the directory itself, hence the slash at the end.
    /// </summary>
    public static ToolArgument Source(RsyncEndpoint endpoint)
    {
        var path = IsRemote(endpoint) ? EscapeWildcards(Path(endpoint)) : Path(endpoint);
        return Argument(endpoint, endpoint.SingleFile ? path : WithSlash(path));
    }

    public static ToolArgument Destination(RsyncEndpoint endpoint) => Argument(endpoint, WithSlash(Path(endpoint)));

    /// <summary>A file in a destination directory.</summary>
    public static ToolArgument FileIn(RsyncEndpoint endpoint, string name) =>
        Argument(endpoint, [.. WithSlash(Path(endpoint)), .. Encoding.ASCII.GetBytes(name)]);

    /// <summary>No shell takes anything in it for something else.</summary>
    public static bool IsPlain(RsyncEndpoint endpoint) =>
        Path(endpoint).IndexOfAnyExcept(PlainBytes) < 0 && (endpoint.Daemon is null || !endpoint.Daemon.Module.Contains(' '));

    /// <summary>A local directory as an argument, with the slash at the end.</summary>
    public static ToolArgument Directory(ReadOnlySpan<byte> path) => ToolArgument.Join("", WithSlash(path));

    private static ToolArgument Argument(RsyncEndpoint endpoint, ReadOnlySpan<byte> path) => endpoint.RemoteCase switch
    {
        RsyncEndpoint.RemoteOneofCase.Ssh => ToolArgument.Join($"{User(endpoint.Ssh.User)}{Host(endpoint.Ssh.Host)}:", path),
        RsyncEndpoint.RemoteOneofCase.Daemon => ToolArgument.Join(
            $"{User(endpoint.Daemon.User)}{Host(endpoint.Daemon.Host)}::{endpoint.Daemon.Module}/", path.TrimStart((byte)'/')),
        _ => ToolArgument.Join("", path),
    };

    private static byte[] WithSlash(ReadOnlySpan<byte> path) => path.IsEmpty || path[^1] == '/' ? path.ToArray() : [.. path, (byte)'/'];

    private static string User(string user) => user.Length == 0 ? "" : user + "@";

    // IPv6 addresses hold colons, which end a host name elsewhere.
    private static string Host(string host) => host.Contains(':') ? $"[{host}]" : host;

    /// <summary>
    /// The sending side expands wildcards in its arguments (glob_expand in rsync's util1.c); only when there is one does it
    /// also take backslashes for escapes.
    /// </summary>
    private static byte[] EscapeWildcards(ReadOnlySpan<byte> path)
    {
        if (path.IndexOfAny("*?["u8) < 0)
        {
            return path.ToArray();
        }

        var escaped = new List<byte>(path.Length + 8);
        foreach (var b in path)
        {
            if (b is (byte)'*' or (byte)'?' or (byte)'[' or (byte)'\\')
            {
                escaped.Add((byte)'\\');
            }

            escaped.Add(b);
        }

        return [.. escaped];
    }

    private static string? Problem(string side, RsyncEndpoint endpoint)
    {
        if (PathProblem(side, endpoint.Path, endpoint.RemoteCase == RsyncEndpoint.RemoteOneofCase.Daemon) is { } problem)
        {
            return problem;
        }

        if (!endpoint.RequiredMount.IsEmpty
            && (IsRemote(endpoint)
                ? "is for local paths only"
                : PathProblem("mount", endpoint.RequiredMount, relative: false)) is { } mountProblem)
        {
            return $"the required mount of the {side} cannot be checked: {mountProblem}";
        }

        return endpoint.RemoteCase switch
        {
            RsyncEndpoint.RemoteOneofCase.Ssh => RemoteFields.Problem(side, endpoint.Ssh),
            RsyncEndpoint.RemoteOneofCase.Daemon when !RemoteFields.IsWord(endpoint.Daemon.Module, "._- ") =>
                $"the {side}'s module name may hold letters, digits, '.', '_', '-' and spaces",
            RsyncEndpoint.RemoteOneofCase.Daemon =>
                RemoteFields.Problem(side, endpoint.Daemon.Host, endpoint.Daemon.User, endpoint.Daemon.Port, endpoint.Daemon.PasswordFile),
            _ => null,
        };
    }

    private static string? PathProblem(string side, ByteString path, bool relative)
    {
        if (!relative && (path.IsEmpty || path[0] != '/'))
        {
            return $"the {side} path must be absolute";
        }

        if (path.Length > MaxPathBytes || path.Span.Contains((byte)0))
        {
            return $"the {side} path contains a NUL or is longer than 4,096 bytes";
        }

        foreach (var part in path.Span.Split((byte)'/'))
        {
            if (path.Span[part].SequenceEqual(".."u8))
            {
                return $"the {side} path must not hold '..'";
            }
        }

        return null;
    }
}
