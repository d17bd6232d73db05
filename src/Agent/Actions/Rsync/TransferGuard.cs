using Fleet.Agent.Actions.Rsync.Reasons;
using Fleet.Agent.Files;
using Fleet.Agent.Guard;
using Fleet.Agent.Host;
using Fleet.Agent.Logging;
using Fleet.Agent.Ssh;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;
using Fleet.Schedules.Overlap;

namespace Fleet.Agent.Actions.Rsync;

/// <summary>
/// Looks at both sides before a transfer starts. An empty folder where a disk should be mounted is not an error to rsync: it would
/// make the mirror just as empty, or fill the root disk.
/// </summary>
internal sealed class TransferGuard(IToolRunner tools, PathProbe probe, Func<MountTable> mounts)
{
    /// <summary>Less than this free at the destination, and the transfer does not even start.</summary>
    public const long FreeSpaceFloorBytes = 16 * 1024 * 1024;

    private static readonly TimeSpan ListTimeout = TimeSpan.FromMinutes(2);

    /// <param name="guard">Holds both local sides open: what is looked at is what rsync gets.</param>
    public async Task<TransferCheck> CheckAsync(RsyncAction action, GuardDecision guard, CancellationToken cancellationToken)
    {
        var (source, destination) = (guard.Source, guard.Destination);
        if ((Closed("source", source) ?? Closed("destination", destination)) is { } closed)
        {
            return closed;
        }

        // Side by side: each helper process costs a few milliseconds before the transfer starts.
        var sourceMount = CheckMountAsync("source", action.Source, source, cancellationToken);
        var destinationMount = CheckMountAsync("destination", action.Destination, destination, cancellationToken);
        await Task.WhenAll(sourceMount, destinationMount);
        if ((await sourceMount ?? await destinationMount) is { } problem)
        {
            return problem;
        }

        if (source is not null
            && destination is not null
            && await OverlapAsync(action, source, destination, cancellationToken) is { } overlap)
        {
            return overlap;
        }

        if (source is not null && CheckKind(action.Source, source) is { } kind)
        {
            return kind;
        }

        var content = CheckSourceAsync(action, source, cancellationToken);

        // Dated trees look at the space themselves, once they have removed what may go.
        var space = destination is null || action.Mode == RsyncMode.Versions
            ? Task.FromResult<TransferCheck?>(null)
            : CheckSpaceAsync(destination, cancellationToken);
        await Task.WhenAll(content, space);
        return await content ?? await space ?? TransferCheck.GoAhead(destination);
    }

    /// <summary>Null if it is on another host, or open, or only its last part is missing.</summary>
    private static TransferCheck? Closed(string side, GuardedPath? path) =>
        path is { Problem.Length: > 0 } ? TransferCheck.Fail($"the {side} cannot be opened: {path.Problem}", retryable: false)
        : path is { Opened: null } && side == "source"
            ? TransferCheck.Refuse("readable source", $"the source {LogText.Escape(path.Path)} cannot be read: it does not exist")
        : null;

    private async Task<TransferCheck?> OverlapAsync(
        RsyncAction action, GuardedPath source, GuardedPath destination, CancellationToken cancellationToken)
    {
        var trees = new TransferTrees
        {
            Source = source.Path,
            Destination = destination.Path,
            Includes = action.Includes,
            Excludes = action.Excludes,
            OneFileSystem = action.OneFileSystem,
        };
        var overlap = trees.Overlap();
        if (overlap == TreeOverlap.DependsOnFileSystem)
        {
            // The destination need not exist yet.
            var there = await probe.DeviceAsync((destination.Opened ?? destination.Folder)!, destination.Path, cancellationToken);
            var here = await probe.DeviceAsync(source.Opened!, source.Path, cancellationToken);
            if ((here.Problem ?? there.Problem) is { } problem)
            {
                return TransferCheck.Fail(problem, retryable: false);
            }

            overlap = (trees with { OtherFileSystem = here.Value != there.Value }).Overlap();
        }

        var (from, to) = (LogText.Escape(source.Path), LogText.Escape(destination.Path));
        return overlap switch
        {
            TreeOverlap.None => null,
            TreeOverlap.SourceInside =>
                TransferCheck.Refuse("source outside the destination", $"the source {from} lies inside the destination {to}"),
            TreeOverlap.Same => TransferCheck.Refuse("destination outside the source", $"source and destination are both {from}"),
            _ => TransferCheck.Refuse(
                "destination outside the source",
                $"the destination {to} lies inside the source {from}: exclude it, or set one_file_system if it is on a disk of its own"),
        };
    }

    private static TransferCheck? CheckKind(RsyncEndpoint endpoint, GuardedPath source) => (endpoint.SingleFile, source.Opened!) switch
    {
        (true, { IsFile: false }) =>
            TransferCheck.Refuse(
                "single file", $"the source {LogText.Escape(source.Path)} is not a regular file, but the policy says file: true"),
        (false, { IsFolder: false }) => TransferCheck.Refuse(
            "source directory",
            $"the source {LogText.Escape(source.Path)} is not a directory: for a single file, write source: {{path: ..., file: true}}"),
        _ => null,
    };

    /// <summary>Null if the mount that it must be on is there, and holds what is open; or none is required.</summary>
    private async Task<TransferCheck?> CheckMountAsync(
        string side, RsyncEndpoint endpoint, GuardedPath? path, CancellationToken cancellationToken)
    {
        if (path is null || endpoint.RequiredMount.IsEmpty)
        {
            return null;
        }

        var required = await probe.RealPathAsync(endpoint.RequiredMount.ToByteArray(), cancellationToken);
        if (required.Problem is not null)
        {
            return TransferCheck.Fail(required.Problem, retryable: true);
        }

        MountTable table;
        int id;
        try
        {
            table = mounts();
            id = (path.Opened ?? path.Folder!).MountId();
        }
        catch (Exception e) when (e is IOException or FormatException)
        {
            return TransferCheck.Fail($"the mounts of this host could not be read: {e.Message}", retryable: false);
        }

        var shown = LogText.Escape(required.Value);
        if (table.Of(required.Value) is not { } mount || mount.Point is [(byte)'/'] || mount.Type == "autofs")
        {
            return TransferCheck.Refuse(
                $"required mount of the {side}", $"nothing is mounted at {shown}: mount it, then run the policy again");
        }

        // By the mount's number, too: what is open may lie on what was mounted there before.
        var holds = mount.Id == id || table.Mounts.Any(m => m.Id == id && MountTable.IsAtOrBelow(m.Point, required.Value!));
        return MountTable.IsAtOrBelow(path.Path, required.Value) && holds
            ? null
            : TransferCheck.Refuse($"required mount of the {side}",
                $"the {side} {LogText.Escape(path.Path)} is not on the mount {shown} that the policy requires");
    }

    private async Task<TransferCheck?> CheckSourceAsync(RsyncAction action, GuardedPath? source, CancellationToken cancellationToken)
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
                return TransferCheck.Refuse(
                    "readable source", $"the source {LogText.Escape(source.Path)} cannot be read: {counted.Problem}");
            }

            entries = counted.Value;
        }

        return entries >= least ? null : TransferCheck.Refuse(
            "filled source",
            $"the source {LogText.Escape(RsyncEndpoints.Path(action.Source))} holds {entries} entries, at least {least} are required: is "
                + $"its disk mounted?");
    }

    private async Task<(long Entries, TransferCheck? Problem)> CountRemoteAsync(
        RsyncAction action, long least, CancellationToken cancellationToken)
    {
        // Not disposed: a helper that was given up may still print a line.
        var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var output = new ListOutput(least, done, RemoteEnd.Of(action));
        var request = new ToolRequest
        {
            Program = "rsync",
            Arguments = RsyncCommands.List(action),
            Timeout = ListTimeout,
            Grace = TimeSpan.FromSeconds(5)
        };
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
                : TransferCheck.Fail($"the remote source could not be inspected: {reason.Message}", reason.Retryable));
        }

        return (0, TransferCheck.Fail(
            result.End == ToolEnd.TimedOut
                ? "the remote source did not answer in time"
                : $"the remote source could not be inspected: {result.Message}",
            retryable: result.End == ToolEnd.TimedOut));
    }

    /// <summary>Null if there is enough, or the file system does not say.</summary>
    public async Task<TransferCheck?> CheckSpaceAsync(GuardedPath destination, CancellationToken cancellationToken)
    {
        // The destination itself need not exist yet: then what it will lie in tells.
        var free = await probe.FreeBytesAsync((destination.Opened ?? destination.Folder)!, destination.Path, cancellationToken);
        return free.Problem is not null
            ? TransferCheck.Fail($"the destination cannot be inspected: {free.Problem}", retryable: false)
            : free.Value < FreeSpaceFloorBytes
                ? TransferCheck.Refuse("free space",
                    $"only {free.Value} bytes are free at the destination {LogText.Escape(destination.Path)}: make room there")
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
