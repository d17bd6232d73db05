using Fleet.Protocol.Edge;

namespace Fleet.Agent.Logging;

/// <summary>
/// How much of the log may be written: what a busy host needs, and no more than a disk can take for long. Not thread-safe.
/// </summary>
internal sealed class LineBudget(TimeProvider time)
{
    public const int LineBurst = 1_000;
    public const int LinesPerSecond = 10;
    private const int CharBurst = 512 * 1024;
    private const int CharsPerSecond = 4 * 1024;

    private readonly Allowance _lines = new(LineBurst, LinesPerSecond, time);
    private readonly Allowance _chars = new(CharBurst, CharsPerSecond, time);

    /// <summary>Whether a line of so many characters may be written.</summary>
    public bool TryTake(int chars)
    {
        if (!_lines.TryTake(1))
        {
            return false;
        }

        if (_chars.TryTake(chars))
        {
            return true;
        }

        _lines.Return(1);
        return false;
    }
}
