namespace Orleans.Runtime;

/// <summary>The stages of an activation's life.</summary>
public interface IGrainLifecycle : ILifecycleObservable;
