namespace Orleans.Serialization;

/// <summary>A type in a grain call is neither known to the silo nor marked with <see cref="GenerateSerializerAttribute"/>.</summary>
[GenerateSerializer]
public class CodecNotFoundException : SerializerException
{
    /// <summary>An error that names the type.</summary>
    public CodecNotFoundException(string message)
        : base(message)
    {
    }

    /// <summary>An error that names the type, with the value's own story behind it.</summary>
    public CodecNotFoundException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
