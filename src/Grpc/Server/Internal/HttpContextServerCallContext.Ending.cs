using System.Diagnostics;
using System.IO.Pipelines;
using Grpc.Core;
using Grpc.Core.Wire;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>
/// How a call ends: once, by its handler's return or exception, by its deadline, by the client, or by the server's shutdown. The deadline and
/// the shutdown end it even while the handler still runs; the write lock keeps them and the handler's writes apart.
/// </summary>
internal sealed partial class HttpContextServerCallContext
{
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(24);

    private readonly SemaphoreSlim _writeLock = new(1, 1);
    private readonly CancellationTokenSource _cancellation;
    private readonly TimeSpan? _timeLeft;
    private readonly Lock _endGate = new();
    private CancellationTokenRegistration _abortRegistration;
    private CancellationTokenRegistration _drainRegistration;
    private ITimer? _deadlineTimer;
    private long _startTimestamp;
    private Task? _endingEarly;
    private volatile bool _requestBroke;
    private bool _bodyStarted;
    private bool _ended;

    public CancellationToken Cancelled { get; }

    /// <summary>Arms what can end the call before its handler does.</summary>
    public void Begin()
    {
        _abortRegistration = HttpContext.RequestAborted.UnsafeRegister(
            static state => ((HttpContextServerCallContext)state!)._cancellation.Cancel(), this);
        _drainRegistration = Environment.Drain.End.UnsafeRegister(
            static state => ((HttpContextServerCallContext)state!).OnShutdown(), this);
        if (_timeLeft is { } left)
        {
            _startTimestamp = Environment.TimeProvider.GetTimestamp();

            // Armed in a second step: its callback uses the field.
            _deadlineTimer = Environment.TimeProvider.CreateTimer(
                static state => ((HttpContextServerCallContext)state!).OnDeadlineTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _deadlineTimer.Change(TimerFor(left), Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>The handler returned: its status goes out with the trailers.</summary>
    public Task EndAsync() => EndByHandlerAsync(Status);

    /// <summary>The handler, or what was done to read its request, threw.</summary>
    public Task EndAsync(Exception exception)
    {
        if (EndingEarly is not null)
        {
            // The end is under way with a status of its own; the exception follows from it.
            return EndByHandlerAsync(Status.DefaultCancelled);
        }

        switch (exception)
        {
            case RpcException rpc:
                GrpcServerLog.ErrorStatus(Environment.Logger, Method, rpc.StatusCode, rpc.InnerException);
                foreach (var entry in rpc.Trailers)
                {
                    ResponseTrailers.Add(entry);
                }

                return EndByHandlerAsync(rpc.Status);
            case BadHttpRequestException bad when !HttpContext.RequestAborted.IsCancellationRequested:
                GrpcServerLog.ErrorStatus(Environment.Logger, Method, StatusCode.Internal, bad);
                return EndByHandlerAsync(new Status(StatusCode.Internal, "The request body could not be read.", bad));
            case OperationCanceledException or IOException when _requestBroke || HttpContext.RequestAborted.IsCancellationRequested:
                GrpcServerLog.Cancelled(Environment.Logger, Method);
                return EndByHandlerAsync(new Status(StatusCode.Cancelled, "The client cancelled the call.", exception));
            default:
                GrpcServerLog.HandlerFailed(Environment.Logger, Method, exception);
                var detail = "Exception was thrown by handler.";
                if (Environment.EnableDetailedErrors)
                {
                    detail += $" {exception.GetType().Name}: {exception.Message}";
                }

                return EndByHandlerAsync(new Status(StatusCode.Unknown, detail, exception));
        }
    }

    /// <summary>The client reset the stream or is gone: reading or writing tells so a moment before the request counts as aborted.</summary>
    public void RequestBroke() => _requestBroke = true;

    /// <summary>Writes one frame, and waits until flow control has room again unless told not to flush.</summary>
    public async Task WriteFrameAsync(ReadOnlyMemory<byte> frame, bool flush, CancellationToken cancellationToken)
    {
        await _writeLock.WaitAsync(Cancelled);
        try
        {
            ThrowIfEnded();
            _bodyStarted = true;
            var writer = HttpContext.Response.BodyWriter;
            Copy(writer, frame.Span);
            if (flush)
            {
                // Not with the token: Kestrel resets the stream when a flush is cancelled by one, and no status could follow.
                using var registration = cancellationToken.UnsafeRegister(static state => ((PipeWriter)state!).CancelPendingFlush(), writer);
                FlushResult result;
                do
                {
                    // A cancellation that came too late for the write before this one is not meant for this one.
                    result = await writer.FlushAsync(CancellationToken.None);
                }
                while (result.IsCanceled && !result.IsCompleted && !cancellationToken.IsCancellationRequested);

                if (result.IsCompleted)
                {
                    RequestBroke();
                }

                if (result.IsCompleted || result.IsCanceled)
                {
                    throw new OperationCanceledException("The call was cancelled.", cancellationToken);
                }
            }
        }
        finally
        {
            _writeLock.Release();
        }
    }

    private static void Copy(PipeWriter writer, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var target = writer.GetSpan();
            var count = Math.Min(target.Length, bytes.Length);
            bytes[..count].CopyTo(target);
            writer.Advance(count);
            bytes = bytes[count..];
        }
    }

    private static TimeSpan TimerFor(TimeSpan left) => left < LongestTimer ? left : LongestTimer;

    private void ThrowIfEnded()
    {
        Cancelled.ThrowIfCancellationRequested();
        if (_ended)
        {
            throw new InvalidOperationException("Can't write the message because the request is complete.");
        }
    }

    private bool TryEnd()
    {
        lock (_endGate)
        {
            return !_ended && (_ended = true);
        }
    }

    private Task? EndingEarly
    {
        get
        {
            lock (_endGate)
            {
                return _endingEarly;
            }
        }
    }

    private Task EndByHandlerAsync(Status status)
    {
        // None of these waits for a callback that runs: it may be the one that made the handler return.
        _deadlineTimer?.Dispose();
        _drainRegistration.Unregister();
        _abortRegistration.Unregister();
        if (EndingEarly is { } early)
        {
            return early;
        }

        if (TryEnd())
        {
            WriteEnd(status, withTrailers: true);
        }

        return EndingEarly ?? Task.CompletedTask;
    }

    private void OnDeadlineTimer()
    {
        var left = _timeLeft!.Value - Environment.TimeProvider.GetElapsedTime(_startTimestamp);
        if (left > TimeSpan.Zero)
        {
            // A timer may fire a little early, and a far deadline takes several timers.
            _deadlineTimer?.Change(left < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : TimerFor(left), Timeout.InfiniteTimeSpan);
            return;
        }

        GrpcServerLog.DeadlineExceeded(Environment.Logger, Method);
        EndEarly(new Status(StatusCode.DeadlineExceeded, "Deadline Exceeded"));
    }

    private void OnShutdown()
    {
        GrpcServerLog.EndedByShutdown(Environment.Logger, Method);
        EndEarly(new Status(StatusCode.Unavailable, "The server is shutting down."));
    }

    private void EndEarly(Status status)
    {
        lock (_endGate)
        {
            if (_ended || _endingEarly is not null)
            {
                return;
            }

            _endingEarly = Task.Run(() => EndEarlyAsync(status));
        }
    }

    private async Task EndEarlyAsync(Status status)
    {
        // Frees the write lock when a write waits for a slow reader, and tells the handler.
        await _cancellation.CancelAsync();
        await _writeLock.WaitAsync();
        try
        {
            if (!TryEnd())
            {
                return;
            }

            // The handler may be about to add trailers: they are not touched.
            WriteEnd(status, withTrailers: false);

            // Not followed by a reset, which would throw away what flow control still holds back. What the client goes on sending is
            // bounded by flow control too, and Kestrel resets the stream when the handler returns.
            await HttpContext.Response.CompleteAsync();
        }
        catch (Exception e) when (e is IOException or ConnectionAbortedException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            GrpcServerLog.EndFailed(Environment.Logger, Method, e);
        }
        finally
        {
            _writeLock.Release();
        }
    }

    /// <summary>Status and trailers, as trailers or, when there is no body, as headers: the response then is one frame.</summary>
    private void WriteEnd(Status status, bool withTrailers)
    {
        var response = HttpContext.Response;
        if (HttpContext.RequestAborted.IsCancellationRequested)
        {
            return;
        }

        var target = response.HasStarted || _bodyStarted
            ? HttpContext.Features.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers
            : response.Headers;
        Debug.Assert(!target.IsReadOnly, "the response has not ended");
        if (withTrailers && HasResponseTrailers)
        {
            ResponseHeaders.WriteTrailers(target, ResponseTrailers, Environment.Logger, Method);
        }

        ResponseHeaders.WriteStatus(target, status);
        if (status.StatusCode == StatusCode.Unimplemented && !response.HasStarted)
        {
            response.Headers[GrpcHeaderNames.AcceptEncoding] = Environment.Compression.AcceptEncoding;
        }
    }
}
