using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Agent.Runs;

/// <summary>What an attempt was at, and when: each phase ends where the next one begins. Thread-safe.</summary>
internal sealed class RunPhases(TimeProvider time)
{
    /// <summary>As ActionResult.phases says.</summary>
    public const int MaxPhases = 50;

    private const int MaxNameLength = 200;

    /// <summary>Shorter ones say nothing: an action names its first phase right after it was called.</summary>
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(1);

    private readonly Lock _gate = new();
    private readonly List<RunPhase> _phases = [];
    private RunPhase? _current;
    private long _began;

    /// <summary>Another phase begins, unless it is the same one or there are too many.</summary>
    public void Begin(string name)
    {
        var cut = name.Length > MaxNameLength ? name[..MaxNameLength] : name;
        lock (_gate)
        {
            if (cut.Length == 0 || _current?.Name == cut || _phases.Count == MaxPhases - 1)
            {
                return;
            }

            Close();
            _current = new RunPhase { Name = cut, StartedAt = Timestamp.FromDateTimeOffset(time.GetUtcNow()) };
            _began = time.GetTimestamp();
        }
    }

    /// <summary>Ends the present phase and gives all of them in order.</summary>
    public IReadOnlyList<RunPhase> End()
    {
        lock (_gate)
        {
            Close();
            return [.. _phases];
        }
    }

    private void Close()
    {
        if (_current is { } ended && time.GetElapsedTime(_began) is var lasted && lasted >= Shortest)
        {
            ended.Duration = Duration.FromTimeSpan(lasted);
            _phases.Add(ended);
        }

        _current = null;
    }
}
