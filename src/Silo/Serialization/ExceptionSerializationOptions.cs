namespace Orleans.Serialization;

/// <summary>
/// Which exceptions reach a grain's caller as they are: those marked with <see cref="GenerateSerializerAttribute"/>, and those
/// that these options name. Every other one arrives as <see cref="CodecNotFoundException"/>.
/// </summary>
public class ExceptionSerializationOptions
{
    /// <summary>The beginnings of the namespaces whose exceptions are carried.</summary>
    public HashSet<string> SupportedNamespacePrefixes { get; } = new(StringComparer.Ordinal) { "Microsoft", "System", "Azure" };

    /// <summary>Says of a further exception type whether it is carried.</summary>
    public Func<Type, bool> SupportedExceptionTypeFilter { get; set; } = static _ => false;
}
