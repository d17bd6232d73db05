namespace Orleans;

/// <summary>State on its way between grain and storage.</summary>
public interface IGrainState<T>
{
    /// <summary>The state.</summary>
    T State { get; set; }

    /// <summary>The version that is stored; null for none.</summary>
    string? ETag { get; set; }

    /// <summary>Whether the state is stored.</summary>
    bool RecordExists { get; set; }
}
