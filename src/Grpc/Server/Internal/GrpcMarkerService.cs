using System.Collections.Concurrent;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Says that gRPC was added, and keeps what is mapped once for all services.</summary>
internal sealed class GrpcMarkerService
{
    private readonly ConcurrentDictionary<string, bool> _mapped = new(StringComparer.Ordinal);

    /// <summary>True for the first who asks about a name.</summary>
    public bool IsFirst(string name) => _mapped.TryAdd(name, true);
}
