using System.Text;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Tools;

/// <summary>Keeps every line, and lets a test wait for one.</summary>
internal sealed class RecordingOutput : IToolOutput
{
    private readonly Lock _gate = new();
    private readonly List<(LogStream Stream, string Text, LineEnd End, bool Truncated)> _lines = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<(LogStream Stream, string Text, LineEnd End, bool Truncated)> Lines
    {
        get
        {
            lock (_gate)
            {
                return [.. _lines];
            }
        }
    }

    public void OnLine(LogStream stream, ReadOnlySpan<byte> line, LineEnd end, bool truncated)
    {
        lock (_gate)
        {
            _lines.Add((stream, Encoding.UTF8.GetString(line), end, truncated));
            _changed.TrySetResult();
        }
    }

    public async Task<string> WaitForAsync(Predicate<string> condition)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                foreach (var line in _lines)
                {
                    if (condition(line.Text))
                    {
                        return line.Text;
                    }
                }

                _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
                changed = _changed.Task;
            }

            await changed.WaitAsync(TimeSpan.FromSeconds(30));
        }
    }
}
