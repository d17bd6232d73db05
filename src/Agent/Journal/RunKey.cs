namespace Fleet.Agent.Journal;

/// <summary>One attempt of one run.</summary>
internal readonly record struct RunKey(string RunId, int Attempt);
