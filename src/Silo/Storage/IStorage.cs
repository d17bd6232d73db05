namespace Orleans.Core;

/// <summary>Stored state.</summary>
public interface IStorage
{
    /// <summary>The version that was read or written last; null for state that is not stored.</summary>
    string? Etag { get; }

    /// <summary>Whether the state is stored.</summary>
    bool RecordExists { get; }

    /// <summary>Removes the stored state, and starts again from a new one.</summary>
    Task ClearStateAsync();

    /// <summary>Writes the state.</summary>
    /// <exception cref="Storage.InconsistentStateException">The stored state is not the one that was read.</exception>
    Task WriteStateAsync();

    /// <summary>Reads the state, and forgets changes that were not written.</summary>
    Task ReadStateAsync();
}

/// <summary>Stored state of one type.</summary>
public interface IStorage<TState> : IStorage
{
    /// <summary>The state. Changes are stored by <see cref="IStorage.WriteStateAsync"/> alone.</summary>
    TState State { get; set; }
}
