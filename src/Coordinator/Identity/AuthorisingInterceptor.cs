using Fleet.Coordinator.Calls;
using Fleet.Coordinator.Clock;
using Fleet.Coordinator.Errors;
using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Coordinator.Identity;

/// <summary>
/// Runs before every call of every kind: finds out who calls, decides whether they may, and records it. Long calls of operators also end
/// when their credential ends.
/// </summary>
internal sealed class AuthorisingInterceptor(CallGate gate, LiveCredentials live, TrustedTime clock) : CallInterceptor
{
    /// <summary>Longest time that a timer accepts.</summary>
    private static readonly TimeSpan MaxTimer = TimeSpan.FromDays(30);

    protected override async Task<T> AroundAsync<T>(
        MethodType kind, ServerCallContext context, object? request, Func<ServerCallContext, Task<T>> call)
    {
        // Before the credential is read: one that is revoked in between counts as revoked.
        var generation = live.Generation;
        var authentication = await gate.AdmitAsync(context, request);
        return kind is MethodType.Unary
            ? await RecordedAsync(context, request, () => call(context))
            : await WhileValidAsync(
                context, authentication, generation, valid => RecordedAsync(context, request, () => call(valid)));
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
            // The call has ended in the meantime.
        }
    }

    private static RpcException Ended() => FleetError.Create(
        StatusCode.Unauthenticated,
        Reason.IdentityRevoked,
        "the credential of this call was removed or has expired",
        "Ask an admin for a new credential (fleet operator create).");
}
