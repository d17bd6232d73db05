using System.Threading.Channels;
using Fleet.Cli.Commands;
using Fleet.Cli.Output;
using Fleet.Protocol.V1;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Fleet.Cli.Runs;

/// <summary>Shows runs on a terminal: one line per run with a progress bar, redrawn in place at most ten times a second.</summary>
internal sealed class LiveRunView(Invocation invocation, RunBoard board) : IRunView
{
    private const int NarrowTerminal = 70;
    private const int MostOfAName = 30;
    private const int LeastSummary = 8;
    private static readonly TimeSpan Redraw = TimeSpan.FromMilliseconds(100);

    public Task ShowAsync(RunBoard shown, ChannelReader<(string RunId, WatchRunResponse Update)> updates, CancellationToken cancellation) =>
        invocation.Out.Console.Live(Draw()).AutoClear(true).StartAsync(async live =>
        {
            live.Refresh();
            var drawn = 0L;
            while (await updates.WaitToReadAsync(cancellation))
            {
                while (updates.TryRead(out var update))
                {
                    shown.Take(update.RunId, update.Update);
                }

                var wait = Redraw - invocation.Environment.Time.GetElapsedTime(drawn);
                if (drawn != 0 && wait > TimeSpan.Zero)
                {
                    await Task.Delay(wait, invocation.Environment.Time, cancellation);
                }

                drawn = invocation.Environment.Time.GetTimestamp();
                live.UpdateTarget(Draw());
                live.Refresh();
            }

            await updates.Completion;
        });

    /// <summary>The content of the screen: as many runs as fit, unfinished ones first.</summary>
    public IRenderable Draw()
    {
        var room = Math.Max(1, invocation.Environment.Height - 2);
        var runs = board.Runs.Count <= room ? board.Runs : [.. board.Runs.OrderBy(r => RunTable.IsFinished(r.State)).Take(room - 1)];
        var width = invocation.Out.Width;
        var names = Math.Min(MostOfAName, runs.Max(r => r.HostName.Length));
        var states = runs.Max(r => RunTable.StateCell(r).Text.Length);
        var lines = runs.Select(run => (IRenderable)Line(run, names, states, width)).ToList();
        if (runs.Count < board.Runs.Count)
        {
            lines.Add(new Text($"... and {board.Runs.Count - runs.Count} more runs"));
        }

        return new Rows(lines);
    }

    // Each run takes one line, whatever the width: a wrapped line would shift the others.
    private static Paragraph Line(Run run, int names, int states, int width)
    {
        var narrow = width < NarrowTerminal;
        var name = TerminalText.Safe(run.HostName);
        var state = RunTable.StateCell(run);
        var start = (name.Length > names ? name[..names] : name.PadRight(names)) + "  ";
        var middle = $"  {ProgressBar.Of(run, narrow ? 10 : 24)}";
        var room = width - 1 - start.Length - states - middle.Length - 2;
        var summary = room < LeastSummary ? "" : Cropped(TerminalText.Safe(RunTable.Summary(run, withPercent: false)), room);
        return new Paragraph(start) { Overflow = Overflow.Crop }
            .Append(state.Text.PadRight(states), state.Tone.Style())
            .Append(middle)
            .Append(summary.Length > 0 ? "  " + summary : "");
    }

    private static string Cropped(string text, int room) => text.Length <= room ? text : text[..(room - 3)] + "...";
}
