using System.Globalization;
using Fleet.Actions;
using Fleet.Cli.Commands;
using Fleet.Cli.Output;
using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Runs;

/// <summary>Formats runs as table cells and in words.</summary>
internal static class RunTable
{
    private const int ShortIdLength = 12;

    /// <summary>Marks everything that a dry run only would have done.</summary>
    private const string DryRunMark = "dry run: ";

    public static void Print(Invocation invocation, IEnumerable<Run> runs) =>
        invocation.Out.Table(["RUN", "POLICY", "HOST", "STATE", "SCHEDULED", "TOOK", "RESULT"], runs.Select(r => (Cell[])
        [
            ShortId(r.RunId),
            PolicyCell(r),
            r.HostName,
            StateCell(r),
            HumanText.Relative(r.ScheduledAt, invocation.Now),
            Took(r, invocation.Now),
            Summary(r),
        ]));

    /// <summary>Long enough to be unique, short enough to type. Commands accept it in place of the whole id.</summary>
    public static string ShortId(string runId) => runId.Length > ShortIdLength ? runId[..ShortIdLength] : runId;

    /// <summary>The policy, or a mark that there is none.</summary>
    public static Cell PolicyCell(Run run) => run.Policy.Length > 0 ? run.Policy : new Cell("(ad hoc)", Tone.Quiet);

    public static bool IsFinished(RunState state) =>
        state is not (RunState.Unspecified or RunState.Queued or RunState.Dispatched or RunState.Running);

    public static Cell StateCell(Run run)
    {
        var warned = run.State == RunState.Succeeded && run.Result?.Outcome == ActionOutcome.SucceededWithWarnings;
        var isDry = run.Action?.IsDryRun == true;
        return new Cell($"{(isDry ? DryRunMark : "")}{(warned ? "succeeded, warnings" : HumanText.Words(run.State))}", run.State switch
        {
            // Green is only for what was really done.
            RunState.Succeeded => warned ? Tone.Doubtful : isDry ? Tone.Plain : Tone.Good,
            RunState.Failed or RunState.TimedOut or RunState.Refused or RunState.Interrupted or RunState.Expired => Tone.Bad,
            RunState.Cancelled or RunState.Skipped => Tone.Doubtful,
            _ => Tone.Plain,
        });
    }

    public static string Took(Run run, DateTimeOffset now) => run switch
    {
        { FinishedAt: not null, Result.Duration: not null } => HumanText.Span(run.Result.Duration),
        { FinishedAt: not null, StartedAt: not null } => Span(WireTime.InstantOf(run.FinishedAt) - WireTime.InstantOf(run.StartedAt)),
        { State: RunState.Running, StartedAt: not null } => Span(now - WireTime.InstantOf(run.StartedAt)),
        _ => "",
    };

    /// <summary>One line: the progress, why it waits, or how it ended in the words of its result.</summary>
    public static string Summary(Run run, bool withPercent = true)
    {
        if (!IsFinished(run.State))
        {
            return run.State == RunState.Running && run.Progress is not null ? Progress(run.Progress, withPercent) : run.WaitingFor;
        }

        // The state already has the mark.
        var said = run.Result?.Message ?? "";
        return run.Action?.IsDryRun == true && said.StartsWith(DryRunMark, StringComparison.Ordinal) ? said[DryRunMark.Length..] : said;
    }

    public static string Progress(RunProgress progress, bool withPercent = true)
    {
        var parts = new List<string>();
        if (withPercent && progress.HasPercent)
        {
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(Math.Clamp(progress.Percent, 0, 100))} %"));
        }

        parts.Add(HumanText.Bytes(progress.BytesDone));
        if (progress.FilesDone > 0)
        {
            parts.Add(
                progress.FilesTotal > 0
                    ? $"{progress.FilesDone} of {progress.FilesTotal} files"
                    : HumanText.Count(progress.FilesDone, "file"));
        }

        parts.Add($"{HumanText.Bytes(progress.BytesPerSecond)}/s");
        if (progress.Eta is not null)
        {
            parts.Add($"{HumanText.Span(progress.Eta)} left");
        }

        return string.Join(", ", parts);
    }

    private static string Span(TimeSpan? span) => span is { } known ? HumanText.Span(known) : "";
}
