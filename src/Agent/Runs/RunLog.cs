using System.Text;
using Fleet.Agent.Actions;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Agent.Runs;

/// <summary>
/// The lines and the progress of one attempt: numbers every line, keeps the last ones for the result, and lets through to the sink what all
/// runs of the host may show together, and 2 reports of progress per second.
/// </summary>
internal sealed class RunLog(string runId, int attempt, IRunSink sink, LogRate rate, TimeProvider time) : IRunLog
{
    /// <summary>As ActionResult.log_tail says.</summary>
    public const int MaxTailLines = 100;

    /// <inheritdoc cref="MaxTailLines"/>
    public const int MaxTailBytes = 32 * 1024;

    /// <summary>As LogLine.text says.</summary>
    public const int MaxLineBytes = 8 * 1024;

    private static readonly TimeSpan ProgressPause = TimeSpan.FromMilliseconds(500);

    private readonly Lock _gate = new();
    private readonly Queue<LogLine> _tail = [];
    private readonly List<LogLine> _pending = [];
    private long _number;
    private int _tailBytes;
    private RunProgress? _progress;
    private long? _progressShownAt;

    /// <summary>Grows with the progress that is reported.</summary>
    public RunPhases Phases { get; } = new(time);

    public void Line(LogStream stream, ReadOnlySpan<byte> text, bool truncated = false)
    {
        var cut = text.Length > MaxLineBytes ? text[..MaxLineBytes] : text;
        Add(stream, Encoding.UTF8.GetString(cut), truncated || cut.Length < text.Length);
    }

    public void Say(string text) => Add(LogStream.Agent, text, truncated: false);

    public void Progress(RunProgress progress)
    {
        progress.At = Timestamp.FromDateTimeOffset(time.GetUtcNow());
        Phases.Begin(progress.Phase);
        lock (_gate)
        {
            _progress = progress;
        }
    }

    /// <summary>Hands on what waits. Called a few times per second while the attempt runs, and once after its end.</summary>
    public void Flush()
    {
        RunLogLines? lines = null;
        RunProgress? progress = null;
        lock (_gate)
        {
            if (_pending.Count > 0)
            {
                lines = new RunLogLines { RunId = runId };
                lines.Lines.AddRange(_pending);
                _pending.Clear();
            }

            if (_progress is not null
                && (_progressShownAt is not { } shown || time.GetElapsedTime(shown) >= ProgressPause)
                && rate.TryProgress())
            {
                (progress, _progress) = (_progress, null);
                _progressShownAt = time.GetTimestamp();
            }
        }

        if (lines is not null)
        {
            sink.Show(lines);
        }

        if (progress is not null)
        {
            sink.Show(new RunProgressUpdate { RunId = runId, Attempt = attempt, Progress = progress });
        }
    }

    /// <summary>The last lines, oldest first.</summary>
    public IReadOnlyList<LogLine> Tail()
    {
        lock (_gate)
        {
            return [.. _tail];
        }
    }

    private void Add(LogStream stream, string text, bool truncated)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            var line = new LogLine
            {
                Number = ++_number,
                At = Timestamp.FromDateTimeOffset(now),
                Stream = stream,
                Text = text,
                Truncated = truncated,
                Attempt = attempt,
            };
            KeepInTail(line);
            if (rate.TryLine(Encoding.UTF8.GetByteCount(text)))
            {
                _pending.Add(line);
            }
        }
    }

    private void KeepInTail(LogLine line)
    {
        _tail.Enqueue(line);
        _tailBytes += Encoding.UTF8.GetByteCount(line.Text);
        while (_tail.Count > MaxTailLines || (_tailBytes > MaxTailBytes && _tail.Count > 1))
        {
            _tailBytes -= Encoding.UTF8.GetByteCount(_tail.Dequeue().Text);
        }
    }
}
