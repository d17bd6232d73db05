using Fleet.Protocol.Edge;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Fleet.Cli.Connection;

/// <summary>
/// Repairs the coordinator's answers before any command sees them: an invalid timestamp or duration is dropped, as if it had not been
/// sent. Text is not changed here: it is escaped where it is printed.
/// </summary>
internal sealed class RepairedAnswers : Interceptor
{
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request,
        ClientInterceptorContext<TRequest, TResponse> context,
        AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        var call = continuation(request, context);
        return new AsyncUnaryCall<TResponse>(
            RepairAsync(call.ResponseAsync), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        TRequest request,
        ClientInterceptorContext<TRequest, TResponse> context,
        AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation)
    {
        var call = continuation(request, context);
        return new AsyncServerStreamingCall<TResponse>(
            new RepairedStream<TResponse>(call.ResponseStream), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
    }

    private static async Task<T> RepairAsync<T>(Task<T> answer) => Repair(await answer);

    private static T Repair<T>(T answer)
    {
        if (answer is IMessage message)
        {
            MessageEdge.Repair(message, texts: false);
        }

        return answer;
    }

    private sealed class RepairedStream<T>(IAsyncStreamReader<T> raw) : IAsyncStreamReader<T>
    {
        public T Current => raw.Current;

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            if (!await raw.MoveNext(cancellationToken))
            {
                return false;
            }

            Repair(raw.Current);
            return true;
        }
    }
}
