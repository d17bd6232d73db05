using Fleet.Agent.Edge;

namespace Fleet.Agent.Runs;

/// <summary>An attempt that has a place.</summary>
internal sealed class RunningAttempt(RunOrder order, RunLog log) : IDisposable
{
    private readonly CancellationTokenSource _cancellation = new();

    public RunOrder Order => order;

    public RunLog Log => log;

    public CancellationToken Token => _cancellation.Token;

    /// <summary>It was cancelled because the agent stops, and not because somebody wants it to end.</summary>
    public bool AgentStops { get; set; }

    /// <summary>The action has returned.</summary>
    public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Its result is recorded.</summary>
    public Task Completion { get; set; } = Task.CompletedTask;

    public void Cancel()
    {
        try
        {
            _cancellation.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It has just ended.
        }
    }

    public void Dispose() => _cancellation.Dispose();
}
