using Fleet.Protocol.Edge;

namespace Fleet.Agent.Runs;

/// <summary>What the runs of this host may show together: the coordinator leaves out what is beyond it. Thread-safe.</summary>
internal sealed class LogRate(TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Allowance _lines = new(LogRates.LinesPerSecond, LogRates.LinesPerSecond, time);
    private readonly Allowance _bytes = new(LogRates.LineBytesPerSecond, LogRates.LineBytesPerSecond, time);
    private readonly Allowance _progress = new(LogRates.ProgressPerSecond, LogRates.ProgressPerSecond, time);

    /// <param name="bytes">Of its text.</param>
    public bool TryLine(int bytes)
    {
        lock (_gate)
        {
            if (!_lines.TryTake(1))
            {
                return false;
            }

            if (_bytes.TryTake(bytes + LogRates.LineOverhead))
            {
                return true;
            }

            _lines.Return(1);
            return false;
        }
    }

    public bool TryProgress()
    {
        lock (_gate)
        {
            return _progress.TryTake(1);
        }
    }
}
