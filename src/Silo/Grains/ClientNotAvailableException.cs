namespace Orleans.Runtime;

/// <summary>The observer is gone: collected, deleted, or from an earlier life of this process.</summary>
[GenerateSerializer]
public sealed class ClientNotAvailableException : OrleansException
{
    internal ClientNotAvailableException(GrainId clientId)
        : base($"No activation for client {clientId}")
    {
    }
}
