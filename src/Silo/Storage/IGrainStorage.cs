using Orleans.Runtime;

namespace Orleans.Storage;

/// <summary>Where grains' state is stored. Registered as a keyed service under the storage's name.</summary>
public interface IGrainStorage
{
    /// <summary>Reads into <paramref name="grainState"/>; leaves a new state there if none is stored.</summary>
    Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

    /// <summary>Writes, if what is stored still is the version that <paramref name="grainState"/> names; sets the new version.</summary>
    /// <exception cref="InconsistentStateException">It is not.</exception>
    Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

    /// <summary>Removes, under the same condition.</summary>
    /// <exception cref="InconsistentStateException">It does not hold.</exception>
    Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);
}
