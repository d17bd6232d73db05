using System.Collections.Concurrent;
using System.Reflection;
using Orleans.Serialization;

namespace Orleans.Runtime;

/// <summary>
/// Decides what a caller sees of a grain's exception. In one process any exception could be handed over, but with silos in
/// several it has to be serialized: what would not survive that is not carried here either.
/// </summary>
internal sealed class ExceptionCarrier(ExceptionSerializationOptions options)
{
    private readonly ConcurrentDictionary<Type, bool> _carried = new();

    public Exception ForCaller(Exception exception) =>
        _carried.GetOrAdd(exception.GetType(), IsCarried)
            ? exception
            : new CodecNotFoundException(
                $"Could not find a codec for type {exception.GetType()}: mark it with [GenerateSerializer] so that it can reach the "
                + $"grain's caller. It said: {exception.Message}",
                exception);

    private bool IsCarried(Type type) =>
        type.GetCustomAttribute<GenerateSerializerAttribute>(inherit: false) is not null
        || options.SupportedNamespacePrefixes.Any(p => type.Namespace?.StartsWith(p, StringComparison.Ordinal) == true)
        || options.SupportedExceptionTypeFilter(type);
}
