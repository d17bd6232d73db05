namespace Orleans.Runtime;

/// <summary>What the silo itself has to say about a call that failed.</summary>
[GenerateSerializer]
public class OrleansException : Exception
{
    /// <summary>An error without details.</summary>
    public OrleansException()
    {
    }

    /// <summary>An error with its reason.</summary>
    public OrleansException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its reason and its cause.</summary>
    public OrleansException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
