using System.Text;
using Fleet.Agent.Actions;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions;

/// <summary>Keeps lines and progress; <see cref="OnProgress"/> lets a test act in the middle of a run.</summary>
internal sealed class RecordingLog : IRunLog
{
    private readonly Lock _gate = new();
    private readonly List<string> _lines = [];
    private readonly List<RunProgress> _progress = [];

    public Action<RunProgress>? OnProgress { get; init; }

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines];
            }
        }
    }

    public IReadOnlyList<RunProgress> AllProgress
    {
        get
        {
            lock (_gate)
            {
                return [.. _progress];
            }
        }
    }

    public void Line(LogStream stream, ReadOnlySpan<byte> text, bool truncated = false)
    {
        lock (_gate)
        {
            _lines.Add(Encoding.UTF8.GetString(text));
        }
    }

    public void Say(string text)
    {
        lock (_gate)
        {
            _lines.Add(text);
        }
    }

    public void Progress(RunProgress progress)
    {
        lock (_gate)
        {
            _progress.Add(progress);
        }

        OnProgress?.Invoke(progress);
    }
}
