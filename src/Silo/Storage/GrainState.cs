namespace Orleans;

/// <summary>State on its way between grain and storage.</summary>
[GenerateSerializer]
public sealed class GrainState<T> : IGrainState<T>
{
    /// <summary>State that is not stored.</summary>
    public GrainState()
    {
        State = default!;
    }

    /// <summary>State that is not stored.</summary>
    public GrainState(T state)
        : this(state, null)
    {
    }

    /// <summary>State of a version.</summary>
    public GrainState(T state, string? eTag)
    {
        State = state;
        ETag = eTag;
    }

    /// <inheritdoc/>
    [Id(0)]
    public T State { get; set; }

    /// <inheritdoc/>
    [Id(1)]
    public string? ETag { get; set; }

    /// <inheritdoc/>
    [Id(2)]
    public bool RecordExists { get; set; }
}
