using System.CommandLine;
using System.Globalization;
using Fleet.Cli.CommandLine;
using Fleet.Cli.Completion;
using Fleet.Cli.Output;
using Fleet.Cli.Policies;
using Fleet.Cli.Retention;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Runs;

/// <summary><c>fleet run show RUN</c> and <c>fleet runs show RUN</c>.</summary>
internal static class RunShowCommand
{
    public static Command Create(CommandActions actions, string words)
    {
        var run = Names.RunArgument(actions);
        var all = new Option<bool>("--all")
        {
            Description = $"List everything that would be deleted, not only the first {PlanText.FirstDeletions}.",
        };
        var command = new FleetCommand("show", "One run: what it did, how it ended, and the end of its output.",
            $"fleet {words} 3f9c2a81d0b4")
        {
            run,
            all,
        };
        return actions.Online(command, async invocation =>
        {
            var found = await invocation.Connection.Fleet.GetRunAsync(
                new GetRunRequest { RunId = invocation.Get(run) }, invocation.Connection.Unary);
            if (invocation.Json)
            {
                invocation.Out.Message(found);
            }
            else
            {
                Print(invocation, found, invocation.Get(all));
            }

            return ExitCode.Ok;
        });
    }

    private static void Print(Invocation invocation, Run run, bool all)
    {
        var time = invocation.Environment.Time;
        var result = run.Result ?? new ActionResult();
        // rsync counts as if it had done what a dry run only looks at.
        var rsync = run.Action?.IsDryRun == true ? null : result.Rsync;
        invocation.Out.Facts(
            ("run", new Cell(run.RunId, Tone.Strong)),
            ("policy", run.Policy.Length > 0 ? $"{run.Policy} (revision {run.PolicyRevision})" : "none"),
            ("host", run.HostName),
            ("state", RunTable.StateCell(run)),
            ("result", result.Message),
            ("waits for", run.WaitingFor),
            ("progress", run.Progress is null || RunTable.IsFinished(run.State) ? "" : RunTable.Progress(run.Progress)),
            ("refused by", result.RefusedBy),
            ("what", PolicyText.Action(run.Action)),
            ("started by", run.RequestedBy.Length > 0 ? $"{run.RequestedBy} ({Humane.Words(run.Trigger)})" : Humane.Words(run.Trigger)),
            ("note", run.Note),
            ("scheduled", Humane.InstantAndAge(run.ScheduledAt, time)),
            ("started", Humane.InstantAndAge(run.StartedAt, time)),
            ("finished", Humane.InstantAndAge(run.FinishedAt, time)),
            ("took", RunTable.Took(run, invocation.Now)),
            ("attempt", run.Attempt == 0 ? "" : run.Attempt.ToString(CultureInfo.InvariantCulture)),
            ("exit code", result.HasExitCode ? result.ExitCode.ToString(CultureInfo.InvariantCulture) : ""),
            ("signal", result.HasSignal ? result.Signal.ToString(CultureInfo.InvariantCulture) : ""),
            ("CPU time", Humane.Span(result.CpuTime)),
            ("memory", result.MaxResidentBytes > 0 ? Humane.Bytes(result.MaxResidentBytes) : ""),
            ("trace", run.TraceId),
            ("files", rsync is null ? "" : $"{rsync.Files}; {rsync.FilesTransferred} transferred, {rsync.FilesCreated} created, {rsync.FilesDeleted} deleted"),
            ("size", rsync is null ? "" : $"{Humane.Bytes(rsync.TotalBytes)}; {Humane.Bytes(rsync.TransferredBytes)} transferred"),
            ("over the wire", rsync is null ? "" : $"{Humane.Bytes(rsync.SentBytes)} sent, {Humane.Bytes(rsync.ReceivedBytes)} received"),
            ("new tree", rsync is null ? "" : TerminalText.SafePath(rsync.VersionPath)),
            ("snapshots", result.ZfsSnapshot is { SnapshotsTotal: > 0 } made ? Humane.Count(made.SnapshotsTotal, "snapshot")
                : result.LvmSnapshot is { Snapshots.Count: > 0 } volumes ? Humane.Count(volumes.Snapshots.Count, "snapshot") : ""),
            ("destroyed", result.ZfsPrune is { DestroyedTotal: > 0 } pruned ? $"{Humane.Count(pruned.DestroyedTotal, "snapshot")}, {Humane.Bytes(pruned.ReclaimedBytes)} came back"
                : result.LvmPrune is { DestroyedTotal: > 0 } removed ? Humane.Count(removed.DestroyedTotal, "snapshot") : ""),
            ("restored from", result.RestoreFiles?.Source ?? result.LvmRestore?.Snapshot?.Name ?? ""),
            ("restored to", result.RestoreFiles is { } files ? TerminalText.SafePath(files.Destination) : result.LvmRestore?.Volume ?? ""),
            ("state before", result.LvmRestore?.Safety?.Name ?? ""),
            ("pending", result.LvmRestore is { Pending: true } ? "yes: the merge waits, or goes on" : ""));

        PrintSnapshots(invocation, result);
        ReplicaTable.Print(invocation, result.ZfsReplicate);
        if (ExplainedPlan.Of(result) is { Decisions.Count: > 0 } plan)
        {
            invocation.Out.Line("");
            RetentionTable.Print(invocation, plan);
        }

        PlanText.Print(invocation, run, all);
        RunExcerpt.PrintDetails(invocation, result);
        RunExcerpt.PrintTail(invocation, run);
    }

    private static void PrintSnapshots(Invocation invocation, ActionResult result)
    {
        if (result.LvmSnapshot is { Snapshots.Count: > 0 } volumes)
        {
            invocation.Out.Line("");
            invocation.Out.Table(
                ["SNAPSHOT", "SIZE", "UUID"], volumes.Snapshots.Select(s => (Cell[])[s.Name, Humane.Bytes(s.SizeBytes), s.Uuid]));
        }

        if (result.ZfsSnapshot is not { Snapshots.Count: > 0 } made)
        {
            return;
        }

        invocation.Out.Line("");
        invocation.Out.Table(
            ["SNAPSHOT", "REFERS TO", "GUID"],
            made.Snapshots.Select(s => (Cell[])[s.Name, Humane.Bytes(s.ReferencedBytes), s.Guid.ToString(CultureInfo.InvariantCulture)]));
        if (made.SnapshotsTotal > made.Snapshots.Count)
        {
            invocation.Out.Line(new Cell($"... and {made.SnapshotsTotal - made.Snapshots.Count} more", Tone.Quiet));
        }
    }
}
