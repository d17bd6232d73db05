using Fleet.Coordinator.Clock;
using Fleet.Coordinator.Errors;
using Fleet.Protocol.V1;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Fleet.Coordinator.Identity;

/// <summary>
/// Stands before every call of every kind: who calls, whether they may, and the record of it. The long calls of operators also end
/// when their credential does.
/// </summary>
internal sealed class AuthorisingInterceptor(CallGate gate, LiveCredentials live, TrustedTime clock) : Interceptor
{
    /// <summary>Longest time that a timer takes.</summary>
    private static readonly TimeSpan MaxTimer = TimeSpan.FromDays(30);

    public override async Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        await gate.AdmitAsync(context, request);
        return await RecordedAsync(context, request, () => continuation(request, context));
    }

    public override async Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        ServerCallContext context,
        ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        var generation = live.Generation;
        var authentication = await gate.AdmitAsync(context, null);
        return await WhileValidAsync(
            context, authentication, generation, valid => RecordedAsync(context, null, () => continuation(requestStream, valid)));
    }

    public override async Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        var generation = live.Generation;
        var authentication = await gate.AdmitAsync(context, request);
        await WhileValidAsync(context, authentication, generation, valid => RecordedAsync(context, request, async () =>
        {
            await continuation(request, responseStream, valid);
            return true;
        }));
    }

    public override async Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        var generation = live.Generation;
        var authentication = await gate.AdmitAsync(context, null);
        await WhileValidAsync(context, authentication, generation, valid => RecordedAsync(context, null, async () =>
        {
            await continuation(requestStream, responseStream, valid);
            return true;
        }));
    }

    private async Task<T> RecordedAsync<T>(ServerCallContext context, object? request, Func<Task<T>> handler)
    {
        T result;
        try
        {
            result = await handler();
        }
        catch (Exception exception)
        {
            await gate.RecordAsync(context, request, exception);
            throw;
        }

        await gate.RecordAsync(context, request, null);
        return result;
    }

    private async Task<T> WhileValidAsync<T>(
        ServerCallContext context, Authentication authentication, long generation, Func<ServerCallContext, Task<T>> call)
    {
        // A host's stream is ended by its session, which also tells the agent why.
        if (authentication is not { Caller: { Kind: CallerKind.Operator } caller, ValidUntil: { } validUntil })
        {
            return await call(context);
        }

        using var revoked = new CancellationTokenSource();
        using var registration = live.Add(caller.Name, generation, revoked);
        var remaining = validUntil - clock.GetUtcNow();
        using var expiry = clock.CreateTimer(
            static state => Cancel((CancellationTokenSource)state!),
            revoked,
            remaining > MaxTimer ? Timeout.InfiniteTimeSpan : remaining > TimeSpan.Zero ? remaining : TimeSpan.FromMilliseconds(1),
            Timeout.InfiniteTimeSpan);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, revoked.Token);
        try
        {
            var result = await call(new RevocableCallContext(context, linked.Token));
            return revoked.IsCancellationRequested ? throw Ended() : result;
        }
        catch (Exception exception)
            when (revoked.IsCancellationRequested && exception is not RpcException { StatusCode: StatusCode.Unauthenticated })
        {
            throw Ended();
        }
    }

    private static void Cancel(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The call has just ended by itself.
        }
    }

    private static RpcException Ended() => FleetError.Create(
        StatusCode.Unauthenticated,
        Reason.IdentityRevoked,
        "the credential of this call was removed or has expired",
        "Ask an admin for a new credential (fleet operator create).");
}
