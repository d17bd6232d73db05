using System.Text.Json;
using Fleet.Agent.Files;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;
using Google.Protobuf;

namespace Fleet.Agent.Actions.Rsync.Versions;

/// <summary>
/// One new dated tree: into a folder with a temporary name, unchanged files hard-linked to the newest complete tree, renamed
/// once everything is there and on disk. Nothing that Fleet did not make is ever removed.
/// </summary>
internal sealed class VersionedTransfer(ActionContext context, GuardedPath destination, long started)
{
    private static readonly TimeSpan DiskTimeout = TimeSpan.FromMinutes(2);
    private const int MaxReported = 1_000; // as RsyncStatistics.removed_version_paths

    private RsyncAction Action => context.Action.Rsync;

    private TimeSpan TimeLeft => TimeSpan.FromTicks(Math.Max(TimeSpan.TicksPerSecond, (context.Timeout - context.Time.GetElapsedTime(started)).Ticks));

    public async Task<ActionResult> RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            var store = await OnDisk(Open);
            return await RunAsync(store, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return ToolOutcome.Failed($"the dated trees at {LogText.Escape(destination.Path)} cannot be used: {LogText.Escape(e.Message)}");
        }
        catch (TimeoutException)
        {
            return ToolOutcome.Failed($"the disk of {LogText.Escape(destination.Path)} does not answer", retryable: true);
        }
    }

    /// <summary>Null: a dry run, and the destination is not there yet.</summary>
    private VersionStore? Open() =>
        !Action.DryRun ? VersionStore.Open(destination.Make(), destination.Path, readOnly: false)
        : destination.Opened is { IsFolder: true } folder ? VersionStore.Open(folder, destination.Path, readOnly: true)
        : null;

    private async Task<ActionResult> RunAsync(VersionStore? store, CancellationToken cancellationToken)
    {
        var known = store is null ? [] : await OnDisk(store.Known);
        var plan = VersionPlan.Create(context.Policy, context.ScheduledAt, context.RunId, known, Action.KeepVersions);
        if (store is null || Action.DryRun)
        {
            return await DryRunAsync(plan, cancellationToken);
        }

        if (plan.AlreadyComplete)
        {
            return new ActionResult
            {
                Outcome = ActionOutcome.Succeeded,
                Message = $"{plan.Name} was already complete from an earlier attempt of this run",
                Rsync = new RsyncStatistics { VersionPath = ByteString.CopyFrom(store.PathOf(plan.Name)) },
            };
        }

        List<string> notes = [.. store.Warnings];
        await RemoveAsync(store, plan.RemoveBefore, notes, cancellationToken);
        var tree = await OnDisk(() => store.Begin(
            plan.Name,
            VersionName.Partial(plan.Name, context.Attempt, known),
            context.Policy,
            context.RunId,
            context.HostId,
            context.ScheduledAt));
        var arguments = Transfer(tree.Folder, plan);
        var (result, _) = await RsyncTransfer.TransferAsync(context, arguments, Action.DryRun, TimeLeft, cancellationToken);
        if (result.Outcome is ActionOutcome.Succeeded or ActionOutcome.SucceededWithWarnings)
        {
            await FinishAsync(store, plan, tree, result, notes, cancellationToken);
        }
        else
        {
            result.Message += "; the new tree is not complete and only serves the next run as a base";
        }

        foreach (var note in notes)
        {
            ToolOutcome.AddDetail(result, note);
        }

        if (notes.Count > 0 && result.Outcome == ActionOutcome.Succeeded)
        {
            result.Outcome = ActionOutcome.SucceededWithWarnings;
        }

        return result;
    }

    private async Task FinishAsync(
        VersionStore store, VersionPlan plan, VersionRecord tree, ActionResult result, List<string> notes, CancellationToken cancellationToken)
    {
        context.Log.Progress(new RunProgress { Phase = "writing to disk", Percent = 100 });

        // syncfs(2): the files must be on disk before a name says so.
        var said = new FirstErrorOutput();
        var sync = await RunToolAsync("sync", ["-f", "--", new ToolArgument(store.ProcPathOf(tree.Folder))], cancellationToken, said);
        if (!sync.Succeeded)
        {
            result.Outcome = sync.End switch
            {
                ToolEnd.Cancelled => ActionOutcome.Cancelled,
                ToolEnd.TimedOut => ActionOutcome.TimedOut,
                _ => ActionOutcome.Failed,
            };
            result.Retryable = sync.End != ToolEnd.Cancelled;
            result.Message = $"everything was transferred, but the disk could not be made to hold it ({Why(sync, said)}): the new tree is not complete";
            return;
        }

        await OnDisk(() => store.Complete(tree));
        result.Rsync.VersionPath = ByteString.CopyFrom(store.PathOf(plan.Name));
        result.Message = $"{plan.Name} is complete: {result.Message}";
        if (plan.PruneStopped is { } stopped)
        {
            notes.Add(stopped);
        }

        context.Log.Progress(new RunProgress { Phase = "removing old trees", Percent = 100 });
        var removed = await RemoveAsync(store, [.. plan.RemoveAfter, .. plan.Prune], notes, cancellationToken);
        result.Rsync.RemovedVersionPaths.Add(removed.Where(r => r.Complete).Take(MaxReported).Select(r => ByteString.CopyFrom(store.PathOf(r.Folder))));
    }

    /// <summary>Removes trees with rm(1), which knows no names that are too odd. What cannot be removed becomes a note.</summary>
    /// <returns>Those that are gone.</returns>
    private async Task<IReadOnlyList<VersionRecord>> RemoveAsync(VersionStore store, IReadOnlyList<VersionRecord> records, List<string> notes, CancellationToken cancellationToken)
    {
        List<VersionRecord> removed = [];
        foreach (var record in records)
        {
            if (!await OnDisk(() => store.IsStill(record)))
            {
                notes.Add($"{record.Folder} is no longer the folder that Fleet made: it is left alone");
                continue;
            }

            var output = new FirstErrorOutput();
            var removal = await RunToolAsync("rm", ["-rf", "--one-file-system", "--", new ToolArgument(store.ProcPathOf(record.Folder))], cancellationToken, output);
            if (await OnDisk(() => store.IsGone(record)))
            {
                await OnDisk(() => store.Forget(record));
                context.Log.Say($"removed {record.Folder}");
                removed.Add(record);
            }
            else
            {
                notes.Add(removal.End == ToolEnd.Cancelled
                    ? $"{record.Folder} was not removed: the run was cancelled"
                    : $"{record.Folder} could not be removed: {Why(removal, output)}");
            }
        }

        return removed;
    }

    private async Task<ActionResult> DryRunAsync(VersionPlan plan, CancellationToken cancellationToken)
    {
        // rsync looks for the new tree and finds none, so it compares with the base alone.
        var (result, _) = await RsyncTransfer.TransferAsync(context, Transfer(plan.Name, plan), Action.DryRun, TimeLeft, cancellationToken);
        List<string> plans =
        [
            $"would make {plan.Name}{(plan.Bases.Count > 0 ? $", linked to {plan.Bases[0].Folder}" : "")}",
            .. plan.RemoveBefore.Concat(plan.RemoveAfter).Concat(plan.Prune).Select(r => $"would remove {r.Folder}"),
            .. plan.PruneStopped is { } stopped ? new[] { stopped } : [],
        ];

        // The plan comes before the list of files, which may be long.
        string[] changes = [.. plans, .. result.Details];
        result.DetailsTotal += plans.Count;
        result.Details.Clear();
        result.Details.AddRange(changes.Take(100));
        return result;
    }

    private IReadOnlyList<ToolArgument> Transfer(string tree, VersionPlan plan) => RsyncCommands.Transfer(
        LocalSides.Named(Action, context.Guard), maxDelete: 0, LocalSides.Below(context.Guard, tree), [.. plan.Bases.Select(b => LocalSides.Below(context.Guard, b.Folder))], context.Guard.Confine);

    private Task<ToolResult> RunToolAsync(
        string tool, IReadOnlyList<ToolArgument> arguments, CancellationToken cancellationToken, FirstErrorOutput? output = null) =>
        context.Tools.RunAsync(new ToolRequest { Program = tool, Arguments = arguments, Timeout = TimeLeft }, output ?? new FirstErrorOutput(), cancellationToken);

    /// <summary>What the tool said; how it ended, where it said nothing.</summary>
    private static string Why(ToolResult tool, FirstErrorOutput said) =>
        said.Text.Length > 0 && tool.End == ToolEnd.Exited ? said.Text : ToolOutcome.ToResult(tool).Message;

    /// <summary>On a pool thread and with a limit: a dying disk holds whoever touches it.</summary>
    private Task<T> OnDisk<T>(Func<T> work) => Task.Run(work).WaitAsync(DiskTimeout, context.Time);

    private Task OnDisk(System.Action work) => Task.Run(work).WaitAsync(DiskTimeout, context.Time);

    private sealed class FirstErrorOutput : IToolOutput
    {
        /// <summary>Empty: it said nothing.</summary>
        public string Text { get; private set; } = "";

        public void OnLine(LogStream stream, ReadOnlySpan<byte> line, LineEnd end, bool truncated)
        {
            if (stream == LogStream.Stderr && Text.Length == 0)
            {
                Text = LogText.Escape(line);
            }
        }
    }
}
