using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Runs;

/// <summary>Something that may change a run.</summary>
internal abstract record RunInput
{
    private RunInput()
    {
    }

    /// <summary>The next attempt is about to be sent to the agent.</summary>
    public sealed record Dispatched : RunInput;

    /// <summary>The agent reports that an attempt began.</summary>
    public sealed record Started(int Attempt, DateTimeOffset At) : RunInput;

    /// <summary>The agent reports the result of an attempt.</summary>
    public sealed record Finished(int Attempt, ActionResult Result) : RunInput;

    /// <summary>Somebody cancels it.</summary>
    public sealed record CancelRequested(string Reason) : RunInput;

    /// <summary>It continues beyond its time limit, although its agent, which should have ended it, is connected.</summary>
    public sealed record Overdue : RunInput;

    /// <summary>The coordinator ends it without the agent: its time is over, it would make no sense, or its host was removed.</summary>
    public sealed record Ended(RunState Final, string Reason) : RunInput;
}
