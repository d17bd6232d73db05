using Fleet.Agent.Actions.Command;
using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions;

/// <summary>The commands before and after snapshots, whatever the snapshots are of. The guard has looked at them.</summary>
/// <param name="limit">What a command may take, at most so long.</param>
internal sealed class SnapshotHooks(ActionContext context, SnapshotHook? before, SnapshotHook? after, Func<TimeSpan, TimeSpan> limit)
{
    /// <summary>For a hook that gives none, as SnapshotHook.timeout says.</summary>
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Runs the command before, makes the snapshots if it succeeds, and runs the command after, whatever came of the rest.
    /// </summary>
    public async Task<ActionResult> AroundAsync(Func<Task<ActionResult>> make, CancellationToken cancellationToken)
    {
        if (before is null)
        {
            return await FinishAsync(await MakeAsync(make, cancellationToken));
        }

        context.Log.Progress(new RunProgress { Phase = "running the command before" });
        var result = await RunAsync(before, cancellationToken);
        return await FinishAsync(result.Outcome == ActionOutcome.Succeeded
            ? await MakeAsync(make, cancellationToken)
            : new ActionResult
            {
                Outcome = result.Outcome,
                Message = $"no snapshot was made, because the command before it did not succeed: {result.Message}",
                Retryable = result.Retryable,
                Details = { result.Details },
                DetailsTotal = result.DetailsTotal,
            });
    }

    private static async Task<ActionResult> MakeAsync(Func<Task<ActionResult>> make, CancellationToken cancellationToken)
    {
        try
        {
            return await make();
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ToolOutcome.Cancelled();
        }
    }

    /// <summary>What the command before has stopped must be started again.</summary>
    private async Task<ActionResult> FinishAsync(ActionResult result)
    {
        if (after is null)
        {
            return result;
        }

        context.Log.Progress(new RunProgress { Phase = "running the command after" });
        var ended = await RunAsync(after, CancellationToken.None);
        if (ended.Outcome != ActionOutcome.Succeeded)
        {
            ToolOutcome.AddDetail(result, $"the command after did not succeed: {ended.Message}");
            foreach (var detail in ended.Details)
            {
                ToolOutcome.AddDetail(result, detail);
            }

            result.Outcome = result.Outcome == ActionOutcome.Succeeded ? ActionOutcome.SucceededWithWarnings : result.Outcome;
        }

        return result;
    }

    private Task<ActionResult> RunAsync(SnapshotHook hook, CancellationToken cancellationToken) =>
        CommandRun.RunAsync(context, hook.Command, limit(WireTime.SpanOf(hook.Timeout) ?? DefaultTimeout), cancellationToken);
}
