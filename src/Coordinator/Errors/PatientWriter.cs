using Grpc.Core;

namespace Fleet.Coordinator.Errors;

/// <summary>
/// A stream to a caller on which a cancelled write does not reset the stream at once. gRPC resets it (CANCEL) whenever the token of a write
/// is cancelled, even before the write began, and then the status that says why the call ended is lost, too. Here, a write that has not
/// begun is dropped, and one that has begun gets a moment to finish; only a caller that does not read loses the stream.
/// </summary>
internal sealed class PatientWriter<T>(IServerStreamWriter<T> inner, TimeProvider clock) : IServerStreamWriter<T>, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _abandon = new(Timeout.InfiniteTimeSpan, clock);

    public WriteOptions? WriteOptions
    {
        get => inner.WriteOptions;
        set => inner.WriteOptions = value;
    }

    public Task WriteAsync(T message) => inner.WriteAsync(message);

    public async Task WriteAsync(T message, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await using var registration = cancellationToken.UnsafeRegister(
            static state => ((CancellationTokenSource)state!).CancelAfter(Patience), _abandon);
        await inner.WriteAsync(message, _abandon.Token);
    }

    public void Dispose() => _abandon.Dispose();
}
