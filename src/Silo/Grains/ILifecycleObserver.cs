namespace Orleans;

/// <summary>Takes part in a beginning and an end.</summary>
public interface ILifecycleObserver
{
    /// <summary>Called at the beginning.</summary>
    Task OnStart(CancellationToken cancellationToken = default);

    /// <summary>Called at the end.</summary>
    Task OnStop(CancellationToken cancellationToken = default);
}
