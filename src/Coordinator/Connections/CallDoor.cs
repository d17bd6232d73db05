using Fleet.Coordinator.Errors;
using Fleet.Coordinator.Identity;
using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Coordinator.Connections;

/// <summary>
/// Runs before gRPC, which reads the whole message of a call before anybody checks who is calling. Only headers are looked at here: a
/// stranger's call that needs an identity ends before a byte of its body is read, and one that needs none must have a small body that
/// arrives soon. The interceptor checks the identity again, and decides about roles.
/// </summary>
internal sealed class CallDoor(CallGate gate, CallsInFlight calls, UnexpectedFailure failure, TimeProvider clock)
{
    public async Task PassAsync(HttpContext http, RequestDelegate next)
    {
        // Monitoring requests over plain HTTP have no bodies.
        if (!HttpProtocol.IsHttp2(http.Request.Protocol))
        {
            await next(http);
            return;
        }

        var connection = http.Features.Get<TrackedConnection>();
        connection?.CallBegins();
        try
        {
            await PassAsync(http, connection, next);
        }
        finally
        {
            connection?.CallEnds();
        }
    }

    private async Task PassAsync(HttpContext http, TrackedConnection? connection, RequestDelegate next)
    {
        var method = http.Request.Path.Value ?? "";
        if (!RpcRoles.Table.TryGetValue(method, out var rule))
        {
            // Nothing is served at this path: the answer does not depend on the body.
            await next(http);
            return;
        }

        CallerIdentity caller;
        RpcException? refusal;
        try
        {
            (caller, refusal) = await gate.LookAsync(http, method, rule);
        }
        catch (Exception exception) when (!http.RequestAborted.IsCancellationRequested)
        {
            await RefuseAsync(http, failure.Answer(method, exception));
            return;
        }

        if (caller.Kind != CallerKind.Anonymous)
        {
            connection?.Identified();
            using var call = calls.TryEnter(caller.Who, caller.Kind == CallerKind.Host);
            await (call is null ? RefuseAsync(http, TooMany("this caller")) : next(http));
            return;
        }

        if (refusal is not null)
        {
            await RefuseAsync(http, refusal);
            return;
        }

        using var strangers = calls.TryEnter(http.Connection.RemoteIpAddress);
        if (strangers is null)
        {
            await RefuseAsync(http, TooMany("callers without an identity"));
        }
        else if (await ReadBodyAsync(http) is { } tooMuch)
        {
            await RefuseAsync(http, tooMuch);
        }
        else
        {
            await next(http);
        }
    }

    /// <summary>Reads the body into memory and replaces the request's stream with it.</summary>
    /// <returns>Null if the body has arrived.</returns>
    private async Task<RpcException?> ReadBodyAsync(HttpContext http)
    {
        using var timeout = new CancellationTokenSource(CallsInFlight.BodyTimeout, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, http.RequestAborted);
        var body = new MemoryStream();
        var buffer = new byte[4 * 1024];
        try
        {
            int read;
            while ((read = await http.Request.Body.ReadAsync(buffer, stop.Token)) > 0)
            {
                if (body.Length + read > CallsInFlight.MaxBodyBytes)
                {
                    return FleetError.Create(
                        StatusCode.ResourceExhausted,
                        Reason.InvalidArgument,
                        $"a call without an identity may send {CallsInFlight.MaxBodyBytes / 1024} KiB");
                }

                body.Write(buffer, 0, read);
            }
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested)
        {
            return FleetError.Create(
                StatusCode.DeadlineExceeded,
                Reason.Unavailable,
                $"the message of a call without an identity must arrive within {CallsInFlight.BodyTimeout.TotalSeconds:0} s");
        }

        body.Position = 0;
        http.Request.Body = body;
        return null;
    }

    private static RpcException TooMany(string whose) => FleetError.Create(
        StatusCode.ResourceExhausted, Reason.QueueFull, $"too many calls of {whose} are in progress", "try again later");

    /// <summary>Answers as gRPC does when there is only a status (Trailers-Only), without waiting for the body.</summary>
    private static Task RefuseAsync(HttpContext http, RpcException refusal)
    {
        var headers = http.Response.Headers;
        http.Response.StatusCode = StatusCodes.Status200OK;
        http.Response.ContentType = "application/grpc";
        headers["grpc-status"] = ((int)refusal.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture);
        headers["grpc-message"] = Uri.EscapeDataString(refusal.Status.Detail);
        foreach (var entry in refusal.Trailers)
        {
            headers[entry.Key] = entry.IsBinary ? Convert.ToBase64String(entry.ValueBytes) : entry.Value;
        }

        return http.Response.CompleteAsync();
    }
}
