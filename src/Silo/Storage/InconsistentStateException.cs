using Orleans.Runtime;

namespace Orleans.Storage;

/// <summary>Somebody else has changed the stored state since it was read.</summary>
[GenerateSerializer]
public class InconsistentStateException : OrleansException
{
    /// <summary>An error without details.</summary>
    public InconsistentStateException()
    {
    }

    /// <summary>An error with its reason.</summary>
    public InconsistentStateException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its reason and its cause.</summary>
    public InconsistentStateException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>An error that names both versions.</summary>
    public InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag)
        : base(errorMsg)
    {
        StoredEtag = storedEtag ?? string.Empty;
        CurrentEtag = currentEtag ?? string.Empty;
    }

    /// <summary>The version in storage.</summary>
    [Id(0)]
    public string StoredEtag { get; private set; } = string.Empty;

    /// <summary>The version that the writer had read.</summary>
    [Id(1)]
    public string CurrentEtag { get; private set; } = string.Empty;
}
