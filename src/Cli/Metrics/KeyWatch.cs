using Fleet.Cli.ProcessEnvironment;

namespace Fleet.Cli.Metrics;

/// <summary>
/// Watches for the keys that leave a full-screen view: q and Esc. Ctrl-C is a signal and is handled elsewhere.
/// </summary>
internal sealed class KeyWatch(CliEnvironment environment)
{
    private const char Escape = '\u001b';
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(100);

    /// <summary>Waits until the pause ends or one of the keys is pressed. True if a key was pressed.</summary>
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
