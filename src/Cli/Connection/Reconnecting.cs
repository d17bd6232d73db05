using Fleet.Cli.ProcessEnvironment;
using Fleet.Schedules;
using Grpc.Core;

namespace Fleet.Cli.Connection;

/// <summary>
/// Keeps a stream open across lost connections: opens it again after jittered, growing pauses, and gives up when the
/// coordinator has been out of reach for too long or refuses the call.
/// </summary>
internal sealed class Reconnecting(CliEnvironment environment)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);
    private readonly Backoff _backoff = new(TimeSpan.FromMilliseconds(500), LongestPause, environment.Random);

    /// <summary>A stream is dead if no message arrives for this long. Servers send a heartbeat at least every 15 s.</summary>
    public TimeSpan LongestSilence { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>After this long without contact, the last failure is thrown.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// Reads until <paramref name="onMessage"/> returns false. <paramref name="open"/> is called for every connection
    /// and must ask for what follows the last message that was handled.
    /// </summary>
    /// <param name="onLost">Called with the reason and the length of the pause.</param>
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
            // Cancelled after too long a silence; every message resets it.
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
                // Silence counts as a lost connection.
            }

            failures++;
            if (environment.Time.GetElapsedTime(lastContact) > Patience)
            {
                throw failure ?? new RpcException(new Grpc.Core.Status(StatusCode.Unavailable, "the stream keeps ending"));
            }

            var pause = _backoff.After(failures);
            onLost(
                silence.IsCancellationRequested ? "nothing was received"
                    : failure?.Status.Detail is { Length: > 0 } detail ? detail
                    : "the stream ended",
                pause);
            await Task.Delay(pause, environment.Time, cancellation);
        }
    }

    // A broken connection may appear as INTERNAL without details; with details, the error is the coordinator's own.
    private static bool IsWorthARetry(RpcException e) => e.StatusCode switch
    {
        StatusCode.Unavailable or StatusCode.Aborted or StatusCode.DeadlineExceeded or StatusCode.Cancelled => true,
        StatusCode.Internal or StatusCode.Unknown or StatusCode.ResourceExhausted => CallFailure.DetailOf(e) is null
            || e.StatusCode == StatusCode.ResourceExhausted,
        _ => false,
    };
}
