using Fleet.Protocol.V1;

namespace Fleet.Cli.Runs;

/// <summary><c>[#####-----]  50 %</c>, in ASCII characters, which every terminal has.</summary>
internal static class ProgressBar
{
    public static string Of(Run run, int width)
    {
        if (run.State == RunState.Succeeded)
        {
            return Bar(100, width);
        }

        return run.Progress is { HasPercent: true } progress ? Bar(progress.Percent, width) : $"[{new string('-', width)}]   ? %";
    }

    private static string Bar(double percent, int width)
    {
        percent = double.IsFinite(percent) ? Math.Clamp(percent, 0, 100) : 0;
        var filled = (int)(percent / 100 * width);
        return $"[{new string('#', filled)}{new string('-', width - filled)}] {(int)percent,3} %";
    }
}
