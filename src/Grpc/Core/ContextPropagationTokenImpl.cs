namespace Grpc.Core;

/// <summary>The one kind of propagation token.</summary>
internal sealed class ContextPropagationTokenImpl(DateTime? deadlineUtc, CancellationToken cancellationToken) : ContextPropagationToken
{
    public DateTime? DeadlineUtc { get; } = deadlineUtc;

    public CancellationToken CancellationToken { get; } = cancellationToken;
}
