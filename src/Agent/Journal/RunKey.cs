using Fleet.Protocol.Edge;

namespace Fleet.Agent.Journal;

/// <summary>One attempt of one run.</summary>
internal readonly record struct RunKey(RunId RunId, int Attempt)
{
    /// <summary>Null if it names no run.</summary>
    public static RunKey? TryRead(string runId, int attempt) =>
        Fleet.Protocol.Edge.RunId.TryRead(runId) is { } id ? new RunKey(id, attempt) : null;
}
