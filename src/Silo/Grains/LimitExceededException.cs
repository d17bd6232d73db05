namespace Orleans.Runtime;

/// <summary>A queue is full: the call was not taken.</summary>
[GenerateSerializer]
public sealed class LimitExceededException : OrleansException
{
    /// <summary>An error with its reason.</summary>
    public LimitExceededException(string message)
        : base(message)
    {
    }

    /// <summary>An error with its reason and its cause.</summary>
    public LimitExceededException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
