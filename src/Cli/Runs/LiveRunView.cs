using System.Threading.Channels;
using Fleet.Cli.CommandLine;
using Fleet.Cli.Output;
using Fleet.Protocol.V1;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Fleet.Cli.Runs;

/// <summary>On a terminal: one line per run with a progress bar, redrawn in place at most ten times a second.</summary>
internal sealed class LiveRunView(Invocation invocation, RunBoard board) : IRunView
{
    private const int NarrowTerminal = 70;
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

    /// <summary>What is on the screen: as many runs as fit, those that are not finished first.</summary>
    public IRenderable Draw()
    {
        var room = Math.Max(1, invocation.Environment.Height - 2);
        var runs = board.Runs.Count <= room ? board.Runs : [.. board.Runs.OrderBy(r => RunTable.IsFinished(r.State)).Take(room - 1)];
        var width = invocation.Out.Console.Profile.Width;
        var grid = new Grid();
        var columns = width < NarrowTerminal ? 3 : 4;
        for (var i = 0; i < columns; i++)
        {
            grid.AddColumn(new GridColumn().NoWrap().PadLeft(0).PadRight(i == columns - 1 ? 0 : 2));
        }

        foreach (var run in runs)
        {
            IRenderable[] row =
            [
                Printer.Text(run.HostName),
                Printer.Text(RunTable.StateCell(run)),
                new Text(ProgressBar.Of(run, width < NarrowTerminal ? 12 : 24)),
                Cropped(RunTable.Summary(run)),
            ];
            grid.AddRow(row[..columns]);
        }

        return runs.Count == board.Runs.Count
            ? grid
            : new Rows(grid, new Text($"... and {board.Runs.Count - runs.Count} more runs"));
    }

    private static Text Cropped(string text)
    {
        var safe = Printer.Text(text);
        safe.Overflow = Overflow.Ellipsis;
        return safe;
    }
}
