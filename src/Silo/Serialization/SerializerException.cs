namespace Orleans.Serialization;

/// <summary>A value cannot cross a grain call.</summary>
[GenerateSerializer]
public class SerializerException : Exception
{
    /// <summary>An error without details.</summary>
    public SerializerException()
    {
    }

    /// <summary>An error that says what could not cross.</summary>
    public SerializerException(string message)
        : base(message)
    {
    }

    /// <summary>An error that says what could not cross, and why.</summary>
    public SerializerException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
