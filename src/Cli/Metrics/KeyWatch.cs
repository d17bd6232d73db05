using Fleet.Cli.ProcessEnvironment;

namespace Fleet.Cli.Metrics;

/// <summary>
/// Whether somebody wants out of a view that fills the terminal: with q or Esc. Ctrl-C is a signal and comes by another way.
/// </summary>
internal sealed class KeyWatch(CliEnvironment environment)
{
    private const char Escape = '\u001b';
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits for the pause to end or for one of the keys. True if a key was pressed.</summary>
    public async Task<bool> QuitsWithinAsync(TimeSpan pause, CancellationToken cancellation)
    {
        if (!environment.InputIsTerminal)
        {
            await Task.Delay(pause, environment.Time, cancellation);
            return false;
        }

        var begin = environment.Time.GetTimestamp();
        while (true)
        {
            while (environment.PressedKey() is { } key)
            {
                if (key is 'q' or 'Q' or Escape)
                {
                    return true;
                }
            }

            var left = pause - environment.Time.GetElapsedTime(begin);
            if (left <= TimeSpan.Zero)
            {
                return false;
            }

            await Task.Delay(left < Look ? left : Look, environment.Time, cancellation);
        }
    }
}
