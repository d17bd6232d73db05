namespace Orleans.Runtime;

/// <summary>The silo is not running: not started yet, or stopped.</summary>
[GenerateSerializer]
public sealed class SiloUnavailableException : OrleansMessageRejectionException
{
    /// <summary>An error with a general reason.</summary>
    public SiloUnavailableException()
        : base("Silo is unavailable")
    {
    }

    /// <summary>An error with its reason.</summary>
    public SiloUnavailableException(string msg)
        : base(msg)
    {
    }

    /// <summary>An error with its reason and its cause.</summary>
    public SiloUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
