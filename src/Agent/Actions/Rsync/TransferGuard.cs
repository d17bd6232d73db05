using Fleet.Agent.Actions.Reasons;
using Fleet.Agent.Actions.Rsync.Reasons;
using Fleet.Agent.Actions.Ssh;
using Fleet.Agent.Mounts;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;
using Fleet.Schedules.Overlap;

namespace Fleet.Agent.Actions.Rsync;

/// <summary>
/// Looks at both sides before a transfer starts. An empty folder where a disk should be mounted is no error to rsync: it would
/// make the mirror just as empty, or fill the root disk.
/// </summary>
internal sealed class TransferGuard(IToolRunner tools, PathProbe probe, Func<MountTable> mounts)
{
    /// <summary>Less than this free at the destination, and the transfer does not even start.</summary>
    public const long FreeSpaceFloorBytes = 16 * 1024 * 1024;

    private static readonly TimeSpan ListTimeout = TimeSpan.FromMinutes(2);

    public async Task<TransferCheck> CheckAsync(RsyncAction action, CancellationToken cancellationToken)
    {
        // Side by side: each helper process costs a few milliseconds before the transfer starts.
        var sources = ResolveAsync("source", action.Source, cancellationToken);
        var destinations = ResolveAsync("destination", action.Destination, cancellationToken);
        await Task.WhenAll(sources, destinations);
        var (source, sourceProblem) = await sources;
        var (destination, destinationProblem) = await destinations;
        if ((sourceProblem ?? destinationProblem) is { } problem)
        {
            return problem;
        }

        if (source is not null && destination is not null && await OverlapAsync(action, source, destination, cancellationToken) is { } overlap)
        {
            return overlap;
        }

        if (source is not null && await CheckKindAsync(action.Source, source, cancellationToken) is { } kind)
        {
            return kind;
        }

        var content = CheckSourceAsync(action, source, cancellationToken);
        // Dated trees look at the space themselves, once they have removed what may go.
        var space = destination is null || action.Mode == RsyncMode.Versions ? Task.FromResult<TransferCheck?>(null) : CheckSpaceAsync(destination, cancellationToken);
        await Task.WhenAll(content, space);
        return await content ?? await space ?? TransferCheck.GoAhead(destination);
    }

    private async Task<TransferCheck?> OverlapAsync(RsyncAction action, byte[] source, byte[] destination, CancellationToken cancellationToken)
    {
        var trees = new TransferTrees
        {
            Source = source,
            Destination = destination,
            Includes = action.Includes,
            Excludes = action.Excludes,
            OneFileSystem = action.OneFileSystem,
        };
        var overlap = trees.Overlap();
        if (overlap == TreeOverlap.DependsOnFileSystem)
        {
            // The destination need not exist yet.
            var there = await probe.DeviceAsync(destination, cancellationToken);
            there = there.Problem is null ? there : await probe.DeviceAsync(destination[..Math.Max(1, destination.AsSpan().LastIndexOf((byte)'/'))], cancellationToken);
            var here = await probe.DeviceAsync(source, cancellationToken);
            if ((here.Problem ?? there.Problem) is { } problem)
            {
                return TransferCheck.Fail(problem, retryable: false);
            }

            overlap = (trees with { OtherFileSystem = here.Value != there.Value }).Overlap();
        }

        return overlap switch
        {
            TreeOverlap.None => null,
            TreeOverlap.SourceInside => TransferCheck.Refuse(
                "source outside the destination", $"the source {LogText.Escape(source)} lies inside the destination {LogText.Escape(destination)}"),
            TreeOverlap.Same => TransferCheck.Refuse("destination outside the source", $"source and destination are both {LogText.Escape(source)}"),
            _ => TransferCheck.Refuse(
                "destination outside the source",
                $"the destination {LogText.Escape(destination)} lies inside the source {LogText.Escape(source)}: "
                    + "exclude it, or set one_file_system if it is on a disk of its own"),
        };
    }

    private async Task<TransferCheck?> CheckKindAsync(RsyncEndpoint endpoint, byte[] source, CancellationToken cancellationToken)
    {
        // What is no directory is for rsync's own message, but a file: "source/" would only be told to be none.
        var kind = await probe.KindAsync(endpoint.SingleFile ? RsyncEndpoints.Path(endpoint).ToArray() : source, cancellationToken);
        var isFile = kind.Value?.StartsWith("regular", StringComparison.Ordinal) == true;
        return (endpoint.SingleFile, isFile) switch
        {
            (true, false) => TransferCheck.Refuse(
                "single file", $"the source {LogText.Escape(RsyncEndpoints.Path(endpoint))} is no regular file, as file: true says: {kind.Value ?? kind.Problem}"),
            (false, true) => TransferCheck.Refuse(
                "source directory", $"the source {LogText.Escape(source)} is a file: for a single file write source: {{path: ..., file: true}}"),
            _ => null,
        };
    }

    /// <summary>The path without symbolic links, once the mount that it must be on is known to be there.</summary>
    private async Task<(byte[]? Path, TransferCheck? Problem)> ResolveAsync(string side, RsyncEndpoint endpoint, CancellationToken cancellationToken)
    {
        if (RsyncEndpoints.IsRemote(endpoint))
        {
            return (null, null);
        }

        // In this order: looking at a path is what makes automount(8) mount it.
        var path = await probe.RealPathAsync(RsyncEndpoints.Path(endpoint).ToArray(), cancellationToken);
        if (path.Problem is not null)
        {
            return (null, TransferCheck.Fail(path.Problem, retryable: true));
        }

        if (endpoint.RequiredMount.IsEmpty)
        {
            return (path.Value, null);
        }

        var required = await probe.RealPathAsync(endpoint.RequiredMount.ToByteArray(), cancellationToken);
        if (required.Problem is not null)
        {
            return (null, TransferCheck.Fail(required.Problem, retryable: true));
        }

        MountTable table;
        try
        {
            table = mounts();
        }
        catch (Exception e) when (e is IOException or FormatException)
        {
            return (null, TransferCheck.Fail($"the mounts of this host could not be read: {e.Message}", retryable: false));
        }

        var shown = LogText.Escape(required.Value);
        if (table.Of(required.Value) is not { } mount || mount.Point is [(byte)'/'] || mount.Type == "autofs")
        {
            return (null, TransferCheck.Refuse($"required mount of the {side}", $"nothing is mounted at {shown}: mount it, then run the policy again"));
        }

        return MountTable.IsAtOrBelow(path.Value, required.Value)
            ? (path.Value, null)
            : (null, TransferCheck.Refuse(
                $"required mount of the {side}", $"the {side} {LogText.Escape(path.Value)} is not on the mount {shown} that the policy requires"));
    }

    private async Task<TransferCheck?> CheckSourceAsync(RsyncAction action, byte[]? source, CancellationToken cancellationToken)
    {
        if (action.Source.SingleFile)
        {
            return null;
        }

        var least = action.Mode == RsyncMode.Copy ? action.MinSourceEntries : Math.Max(1, action.MinSourceEntries);
        if (least <= 0)
        {
            return null;
        }

        long entries;
        if (source is null)
        {
            var (count, problem) = await CountRemoteAsync(action, least, cancellationToken);
            if (problem is not null)
            {
                return problem;
            }

            entries = count;
        }
        else
        {
            var counted = await probe.CountEntriesAsync(source, least, cancellationToken);
            if (counted.Problem is not null)
            {
                return TransferCheck.Refuse("readable source", $"the source {LogText.Escape(source)} cannot be read: {counted.Problem}");
            }

            entries = counted.Value;
        }

        return entries >= least ? null : TransferCheck.Refuse(
            "filled source",
            $"the source {LogText.Escape(RsyncEndpoints.Path(action.Source))} holds {entries} entries, at least {least} are required: is its disk mounted?");
    }

    private async Task<(long Entries, TransferCheck? Problem)> CountRemoteAsync(RsyncAction action, long least, CancellationToken cancellationToken)
    {
        // Not disposed: a helper that was given up may still print a line.
        var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var output = new ListOutput(least, done, RemoteEnd.Of(action));
        var request = new ToolRequest { Program = "rsync", Arguments = RsyncCommands.List(action), Timeout = ListTimeout, Grace = TimeSpan.FromSeconds(5) };
        var result = await tools.RunAsync(request, output, done.Token);
        if (output.Entries >= least || result.Succeeded)
        {
            return (output.Entries, null);
        }

        if (result.End == ToolEnd.Exited && result.ExitCode is { } exitCode)
        {
            var reason = output.Stderr.Explain(exitCode, statistics: null);
            reason = await new RemoteProbe(tools).RefineAsync(reason, output.Stderr.Remote?.Ssh, cancellationToken);
            return (0, reason.Kind == FailureKind.SourceUnusable
                ? TransferCheck.Refuse("readable source", reason.Message)
                : TransferCheck.Fail($"the remote source could not be looked at: {reason.Message}", reason.Retryable));
        }

        return (0, TransferCheck.Fail(
            result.End == ToolEnd.TimedOut ? "the remote source did not answer in time" : $"the remote source could not be looked at: {result.Message}",
            retryable: result.End == ToolEnd.TimedOut));
    }

    /// <summary>Null: there is enough, or the file system does not say.</summary>
    public async Task<TransferCheck?> CheckSpaceAsync(byte[] destination, CancellationToken cancellationToken)
    {
        // The destination itself need not exist yet: rsync makes its last part.
        var parent = destination;
        var free = await probe.FreeBytesAsync(parent, cancellationToken);
        if (free.Problem is not null && destination.AsSpan().LastIndexOf((byte)'/') is > 0 and var slash)
        {
            parent = destination[..slash];
            free = await probe.FreeBytesAsync(parent, cancellationToken);
        }

        return free.Problem is not null
            ? TransferCheck.Fail($"the destination cannot be looked at: {free.Problem}", retryable: false)
            : free.Value < FreeSpaceFloorBytes
                ? TransferCheck.Refuse("free space", $"only {free.Value} bytes are free at the destination {LogText.Escape(parent)}: make room there")
                : null;
    }

    private sealed class ListOutput(long least, CancellationTokenSource done, RemoteEnd? remote) : IToolOutput
    {
        private long _lines;

        // The first line is the directory itself.
        public long Entries => Math.Max(0, _lines - 1);

        public RsyncStderr Stderr { get; } = new(remote);

        public void OnLine(LogStream stream, ReadOnlySpan<byte> line, LineEnd end, bool truncated)
        {
            if (stream == LogStream.Stderr)
            {
                Stderr.Add(line);
            }
            else if (IsEntry(line) && ++_lines > least)
            {
                _ = done.CancelAsync();
            }
        }

        // "drwxr-xr-x          4,096 2026/11/20 20:58:41 ."; a daemon's message of the day looks different.
        private static bool IsEntry(ReadOnlySpan<byte> line) =>
            line.Length > 30 && "dl-cbps"u8.Contains(line[0]) && line[1] is (byte)'r' or (byte)'-' && line.IndexOf((byte)' ') >= 10
            && !line.EndsWith(" lost+found"u8);
    }
}
