using Orleans.Runtime;

namespace Orleans;

/// <summary>What a grain may call back on: an object outside the silo's care, held weakly.</summary>
public interface IGrainObserver : IAddressable;
