using Fleet.Cli.ProcessEnvironment;
using Fleet.Schedules;
using Grpc.Core;

namespace Fleet.Cli.Connection;

/// <summary>
/// Keeps a stream open over lost connections: opens it again with jittered, growing pauses, and gives up when the
/// coordinator was out of reach for too long or refuses the call.
/// </summary>
internal sealed class Reconnecting(CliEnvironment environment)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);
    private readonly Backoff _backoff = new(TimeSpan.FromMilliseconds(500), LongestPause, environment.Random);

    /// <summary>A stream without any message for this long is dead. Servers send a heartbeat at least every 15 s.</summary>
    public TimeSpan LongestSilence { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Without contact for this long, the last failure is thrown.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Reads until <paramref name="onMessage"/> returns false. <paramref name="open"/> is called for every connection
    /// and asks for what comes after the last message that was handled.
    /// </summary>
    /// <param name="onLost">Told why and for how long it pauses.</param>
    public async Task ReadAsync<T>(
        Func<CancellationToken, AsyncServerStreamingCall<T>> open,
        Func<T, ValueTask<bool>> onMessage,
        Action<string, TimeSpan> onLost,
        bool endsByItself,
        CancellationToken cancellation)
        where T : class
    {
        var failures = 0;
        var lastContact = environment.Time.GetTimestamp();
        while (true)
        {
            RpcException? failure = null;
            // Cancelled after a silence; re-armed by every message.
            using var silence = new CancellationTokenSource(LongestSilence, environment.Time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, silence.Token);
            try
            {
                using var call = open(either.Token);
                while (await call.ResponseStream.MoveNext(either.Token))
                {
                    silence.CancelAfter(LongestSilence);
                    failures = 0;
                    lastContact = environment.Time.GetTimestamp();
                    if (!await onMessage(call.ResponseStream.Current))
                    {
                        return;
                    }
                }

                if (endsByItself)
                {
                    return;
                }
            }
            catch (RpcException e) when (!cancellation.IsCancellationRequested && (IsWorthARetry(e) || silence.IsCancellationRequested))
            {
                failure = e;
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                // The silence: the same as a lost connection.
            }

            failures++;
            if (environment.Time.GetElapsedTime(lastContact) > Patience)
            {
                throw failure ?? new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, "the stream ends again and again"));
            }

            var pause = _backoff.After(failures);
            onLost(
                silence.IsCancellationRequested ? "nothing was heard"
                    : failure?.Status.Detail is { Length: > 0 } detail ? detail
                    : "the stream ended",
                pause);
            await Task.Delay(pause, environment.Time, cancellation);
        }
    }

    // INTERNAL without details is what a torn connection may look like; with details the coordinator means it.
    private static bool IsWorthARetry(RpcException e) => e.StatusCode switch
    {
        StatusCode.Unavailable or StatusCode.Aborted or StatusCode.DeadlineExceeded or StatusCode.Cancelled => true,
        StatusCode.Internal or StatusCode.Unknown or StatusCode.ResourceExhausted => CallFailure.DetailOf(e) is null
            || e.StatusCode == StatusCode.ResourceExhausted,
        _ => false,
    };
}
