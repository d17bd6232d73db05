using System.Collections.Concurrent;
using Fleet.Agent.Actions.Rsync.Ownership;
using Fleet.Agent.Actions.Rsync.Reasons;
using Fleet.Agent.Actions.Rsync.Versions;
using Fleet.Agent.Edge;
using Fleet.Agent.Host;
using Fleet.Agent.Logging;
using Fleet.Agent.Retention;
using Fleet.Agent.Ssh;
using Fleet.Agent.Tools;
using Fleet.Agent.Tools.Confinement;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Rsync;

/// <summary>
/// The action "rsync": copy, mirror, or a new dated tree. It looks at both sides first (<see cref="TransferGuard"/>), runs
/// rsync once, and reads from its output and exit code what came of it.
/// </summary>
/// <param name="folders">Where dated trees are kept on this host.</param>
/// <param name="clock">Judged before any tree is thinned.</param>
/// <param name="assigned">The policies that this host has now.</param>
internal sealed class RsyncTransfer(
    RetentionClock clock, VersionFolders folders, Func<HostAssignment> assigned, Func<MountTable>? mounts = null)
    : IAction
{
    /// <summary>A path of 4,096 bytes, each of them written as \#ooo, and what stands before it.</summary>
    private const int MaxLineBytes = 24 * 1024;

    private readonly Func<MountTable> _mounts = mounts ?? (static () => MountTable.Read());
    private readonly ConcurrentDictionary<string, byte> _hung = new();

    public Protocol.V1.Action.KindOneofCase Kind => Protocol.V1.Action.KindOneofCase.Rsync;

    public async Task<ActionResult> RunAsync(ActionContext context, CancellationToken cancellationToken)
    {
        var action = context.Action.Rsync;
        if (RsyncEndpoints.Problem(action) is { } problem)
        {
            return ToolOutcome.Failed(problem);
        }

        if ((context.Guard.Source is null && !RsyncEndpoints.IsRemote(action.Source))
            || (context.Guard.Destination is null && !RsyncEndpoints.IsRemote(action.Destination)))
        {
            return ToolOutcome.Failed("the guard did not open the source or the destination");
        }

        try
        {
            context.Log.Progress(new RunProgress { Phase = "checking source and destination" });
            var probe = new PathProbe(context.Tools, context.Time, _hung);
            var guard = new TransferGuard(context.Tools, probe, _mounts);
            var writers = new OtherWriters(context, probe, folders);

            // Side by side: what takes the time is starting the helper processes, and no answer needs another one's. All are in before
            // anything is decided, and only they touch a destination of which is not known yet whether it hangs.
            var finding = writers.FindMarkedAsync(context.Guard.Destination, cancellationToken);
            var checking = guard.CheckAsync(action, context.Guard, cancellationToken);
            await Task.WhenAll(checking, finding).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var check = await checking;
            if (check.Stop is not null)
            {
                return check.Stop;
            }

            if (check.Destination is { } destination && await writers.CheckAsync(destination, await finding) is { } refused)
            {
                return refused;
            }

            return action.Mode == RsyncMode.Versions
                ? await new VersionedTransfer(context, check.Destination!, guard, clock, folders, assigned).RunAsync(cancellationToken)
                : await new DirectTransfer(context, writers).RunAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return new ActionResult { Outcome = ActionOutcome.Cancelled, Message = "cancelled before rsync was started" };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ToolOutcome.Failed($"the destination cannot be used: {LogText.Escape(e.Message)}");
        }
        catch (TimeoutException)
        {
            return ToolOutcome.Failed("the disk of the destination does not answer", retryable: true);
        }
    }

    /// <summary>Runs rsync once and classifies its end.</summary>
    /// <param name="confinement">Null means as the rsync action and the guard say.</param>
    public static async Task<(ActionResult Result, RsyncOutput Output)> TransferAsync(
        ActionContext context, IReadOnlyList<ToolArgument> arguments, bool dryRun, TimeSpan timeout, CancellationToken cancellationToken,
        ToolConfinement? confinement = null)
    {
        var output = new RsyncOutput(context.Log, context.Time, dryRun, RemoteEnd.Of(context.Action.Rsync));
        using var password = context.Action.Rsync is { } action ? LocalSides.Password(action, context.Guard) : null;
        var request = new ToolRequest
        {
            Program = "rsync",
            Arguments = arguments,
            Timeout = timeout,
            MaxLineBytes = MaxLineBytes,
            StandardInput = password is null ? null : (int)password.DangerousGetHandle(),
            Confinement = context.Action.Rsync is { } rsync ? LocalSides.Confinement(rsync, context.Guard, writable: !dryRun) : confinement,
        };
        var tool = await context.Tools.RunAsync(request, output, cancellationToken);
        output.Flush();

        var result = ToolOutcome.ToResult(tool);
        result.Rsync = output.Stats.Statistics;
        result.DetailsTotal = output.DetailsTotal;
        result.Details.AddRange(output.Details);
        if (tool.End == ToolEnd.Exited && tool.ExitCode is { } exitCode)
        {
            if (exitCode == 0)
            {
                Succeed(result, output, dryRun);
            }
            else
            {
                var reason = output.Stderr.Explain(exitCode, output.Stats.Statistics);
                reason = await new RemoteProbe(context.Tools).RefineAsync(reason, output.Stderr.Remote?.Ssh, cancellationToken);
                result.Outcome = exitCode == RsyncExitCodes.SourceFilesVanished
                    ? ActionOutcome.SucceededWithWarnings
                    : ActionOutcome.Failed;
                (result.Retryable, result.Message) = (reason.Retryable, reason.Message);
            }
        }

        return (result, output);
    }

    private static void Succeed(ActionResult result, RsyncOutput output, bool dryRun)
    {
        if (!output.Stats.Complete)
        {
            result.Outcome = ActionOutcome.SucceededWithWarnings;
            result.Message = "transferred, but rsync's statistics could not be read: this version prints them differently";
            ToolOutcome.AddDetail(
                result, output.Stats.Unreadable is { } line ? $"not understood: {LogText.Escape(line)}" : "lines of --stats are missing");
        }
        else if (dryRun)
        {
            result.Message = $"dry run: {output.WouldWrite} {(output.WouldWrite == 1 ? "entry" : "entries")} would be written and "
                + $"{output.Deletions.Count} deleted";
            foreach (var change in output.Changes)
            {
                ToolOutcome.AddDetail(result, change);
            }

            result.DetailsTotal = output.DetailsTotal + output.WouldWrite + output.Deletions.Count;
        }
        else
        {
            var stats = output.Stats.Statistics;
            result.Message = $"{stats.FilesTransferred} of {stats.Files} entries transferred, {stats.FilesDeleted} deleted";
            if (output.DetailsTotal > 0)
            {
                result.Outcome = ActionOutcome.SucceededWithWarnings;
            }
        }
    }
}
