using Grpc.Core;

namespace Grpc.Net.Client.Internal;

/// <summary>Makes calls over a channel's HTTP client.</summary>
internal sealed class HttpClientCallInvoker(GrpcChannel channel) : CallInvoker
{
    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        using var call = AsyncUnaryCall(method, host, options, request);
        return call.ResponseAsync.GetAwaiter().GetResult();
    }

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var call = new GrpcCall<TRequest, TResponse>(channel, method, host, options);
        call.StartUnary(request);
        return new AsyncUnaryCall<TResponse>(
            call.ResponseAsync,
            Callbacks<TRequest, TResponse>.Headers,
            Callbacks<TRequest, TResponse>.Status,
            Callbacks<TRequest, TResponse>.Trailers,
            Callbacks<TRequest, TResponse>.Dispose,
            call);
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var call = new GrpcCall<TRequest, TResponse>(channel, method, host, options);
        call.StartServerStreaming(request);
        return new AsyncServerStreamingCall<TResponse>(
            call.ResponseStream,
            Callbacks<TRequest, TResponse>.Headers,
            Callbacks<TRequest, TResponse>.Status,
            Callbacks<TRequest, TResponse>.Trailers,
            Callbacks<TRequest, TResponse>.Dispose,
            call);
    }

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        var call = new GrpcCall<TRequest, TResponse>(channel, method, host, options);
        call.StartClientStreaming();
        return new AsyncClientStreamingCall<TRequest, TResponse>(
            call.RequestStream,
            call.ResponseAsync,
            Callbacks<TRequest, TResponse>.Headers,
            Callbacks<TRequest, TResponse>.Status,
            Callbacks<TRequest, TResponse>.Trailers,
            Callbacks<TRequest, TResponse>.Dispose,
            call);
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        var call = new GrpcCall<TRequest, TResponse>(channel, method, host, options);
        call.StartDuplexStreaming();
        return new AsyncDuplexStreamingCall<TRequest, TResponse>(
            call.RequestStream,
            call.ResponseStream,
            Callbacks<TRequest, TResponse>.Headers,
            Callbacks<TRequest, TResponse>.Status,
            Callbacks<TRequest, TResponse>.Trailers,
            Callbacks<TRequest, TResponse>.Dispose,
            call);
    }

    /// <summary>One set of delegates per pair of message types, so that a call allocates none.</summary>
    private static class Callbacks<TRequest, TResponse>
        where TRequest : class
        where TResponse : class
    {
        public static readonly Func<object, Task<Metadata>> Headers =
            static state => ((GrpcCall<TRequest, TResponse>)state).ResponseHeadersAsync;

        public static readonly Func<object, Status> Status = static state => ((GrpcCall<TRequest, TResponse>)state).GetStatus();

        public static readonly Func<object, Metadata> Trailers = static state => ((GrpcCall<TRequest, TResponse>)state).GetTrailers();

        public static readonly Action<object> Dispose = static state => ((GrpcCall<TRequest, TResponse>)state).Dispose();
    }
}
