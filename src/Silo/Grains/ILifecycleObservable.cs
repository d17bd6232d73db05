namespace Orleans;

/// <summary>Something with a beginning and an end that others can take part in.</summary>
public interface ILifecycleObservable
{
    /// <summary>Takes part in one stage.</summary>
    /// <returns>Dispose it to take part no longer.</returns>
    IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer);
}
