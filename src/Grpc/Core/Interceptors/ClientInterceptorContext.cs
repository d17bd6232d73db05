using System.Diagnostics.CodeAnalysis;

namespace Grpc.Core.Interceptors;

/// <summary>A call on its way out.</summary>
/// <param name="method">The method.</param>
/// <param name="host">The authority; null: the channel's.</param>
/// <param name="options">What the caller said.</param>
[SuppressMessage("Performance", "CA1815:Override equals and operator equals on value types", Justification = "Shape of the public gRPC API.")]
public struct ClientInterceptorContext<TRequest, TResponse>(Method<TRequest, TResponse> method, string? host, CallOptions options)
    where TRequest : class
    where TResponse : class
{
    public Method<TRequest, TResponse> Method { get; } = method;

    public string? Host { get; } = host;

    public CallOptions Options { get; } = options;
}
