using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions;

/// <summary>
/// Where an attempt's lines and progress go. Never blocks and never grows without bound: lines that come too fast are left
/// out, which a jump in their numbers shows; the newest ones travel in the result. Thread-safe.
/// </summary>
internal interface IRunLog
{
    /// <summary>A line that a tool printed, without its end. Longer than 8 KiB is cut.</summary>
    /// <param name="text">Need not be UTF-8.</param>
    void Line(LogStream stream, ReadOnlySpan<byte> text, bool truncated = false);

    /// <summary>A line by the agent itself, about the run.</summary>
    void Say(string text);

    /// <summary>Replaces the progress shown so far. Call it as often as the tool reports; the sink thins it out. Sets <c>at</c>.</summary>
    void Progress(RunProgress progress);
}
