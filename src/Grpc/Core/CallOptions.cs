using System.Diagnostics.CodeAnalysis;

namespace Grpc.Core;

/// <summary>What a caller says about one call.</summary>
/// <param name="headers">Request headers.</param>
/// <param name="deadline">UTC instant after which the call ends with DEADLINE_EXCEEDED; null: none.</param>
/// <param name="cancellationToken">Cancels the call.</param>
/// <param name="writeOptions">For the request messages.</param>
/// <param name="propagationToken">Deadline and cancellation of the call that this one is made for.</param>
/// <param name="credentials">Adds metadata that authenticates this call.</param>
[SuppressMessage("Design", "CA1068:CancellationToken parameters must come last", Justification = "Shape of the public gRPC API.")]
[SuppressMessage("Performance", "CA1815:Override equals and operator equals on value types", Justification = "Shape of the public gRPC API.")]
public struct CallOptions(
    Metadata? headers = null,
    DateTime? deadline = null,
    CancellationToken cancellationToken = default,
    WriteOptions? writeOptions = null,
    ContextPropagationToken? propagationToken = null,
    CallCredentials? credentials = null)
{
    public Metadata? Headers { get; private set; } = headers;

    public DateTime? Deadline { get; private set; } = deadline;

    public CancellationToken CancellationToken { get; private set; } = cancellationToken;

    public WriteOptions? WriteOptions { get; private set; } = writeOptions;

    public ContextPropagationToken? PropagationToken { get; private set; } = propagationToken;

    public CallCredentials? Credentials { get; private set; } = credentials;

    public readonly CallOptions WithHeaders(Metadata headers) => this with { Headers = headers };

    public readonly CallOptions WithDeadline(DateTime deadline) => this with { Deadline = deadline };

    public readonly CallOptions WithCancellationToken(CancellationToken cancellationToken) =>
        this with { CancellationToken = cancellationToken };

    public readonly CallOptions WithWriteOptions(WriteOptions writeOptions) => this with { WriteOptions = writeOptions };

    public readonly CallOptions WithPropagationToken(ContextPropagationToken propagationToken) =>
        this with { PropagationToken = propagationToken };

    public readonly CallOptions WithCredentials(CallCredentials credentials) => this with { Credentials = credentials };
}
