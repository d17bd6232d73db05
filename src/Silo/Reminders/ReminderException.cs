namespace Orleans.Runtime;

/// <summary>A reminder could not be registered or removed.</summary>
[GenerateSerializer]
public sealed class ReminderException : OrleansException
{
    /// <summary>An error with its reason.</summary>
    public ReminderException(string message)
        : base(message)
    {
    }
}
