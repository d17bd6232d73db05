using Orleans.Core;

namespace Orleans.Runtime;

/// <summary>A grain's stored state: read before <c>OnActivateAsync</c>.</summary>
public interface IPersistentState<TState> : IStorage<TState>;
