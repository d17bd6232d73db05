using Grpc.Core;
using Grpc.Testing;

namespace Fleet.Grpc.Tests.Infrastructure;

/// <summary>The server of gRPC's interoperability cases.</summary>
public sealed class InteropService : TestService.TestServiceBase
{
    /// <summary>Where a test leaves the compressed flag of the request's first message.</summary>
    public const string FirstFlagKey = "first-flag";

    private const string InitialMetadataKey = "x-grpc-test-echo-initial";
    private const string TrailingMetadataKey = "x-grpc-test-echo-trailing-bin";

    public override Task<Empty> EmptyCall(Empty request, ServerCallContext context) => Task.FromResult(new Empty());

    public override async Task<SimpleResponse> UnaryCall(SimpleRequest request, ServerCallContext context)
    {
        CheckCompression(request.ExpectCompressed, context);
        await EchoMetadataAsync(context, request.ResponseCompressed);
        ThrowIfAsked(request.ResponseStatus);
        return new SimpleResponse { Payload = Zeros(request.ResponseSize) };
    }

    public override async Task StreamingOutputCall(
        StreamingOutputCallRequest request, IServerStreamWriter<StreamingOutputCallResponse> responseStream, ServerCallContext context)
    {
        await EchoMetadataAsync(context, request.ResponseParameters.Count > 0 ? request.ResponseParameters[0].Compressed : null);
        await RespondAsync(request, responseStream, context);
    }

    public override async Task<StreamingInputCallResponse> StreamingInputCall(
        IAsyncStreamReader<StreamingInputCallRequest> requestStream, ServerCallContext context)
    {
        await EchoMetadataAsync(context, null);
        var size = 0;
        await foreach (var request in requestStream.ReadAllAsync())
        {
            CheckCompression(request.ExpectCompressed, context);
            size += request.Payload?.Body.Length ?? 0;
        }

        return new StreamingInputCallResponse { AggregatedPayloadSize = size };
    }

    public override async Task FullDuplexCall(
        IAsyncStreamReader<StreamingOutputCallRequest> requestStream,
        IServerStreamWriter<StreamingOutputCallResponse> responseStream,
        ServerCallContext context)
    {
        await EchoMetadataAsync(context, null);
        await foreach (var request in requestStream.ReadAllAsync())
        {
            ThrowIfAsked(request.ResponseStatus);
            await RespondAsync(request, responseStream, context);
        }
    }

    private static async Task RespondAsync(
        StreamingOutputCallRequest request, IServerStreamWriter<StreamingOutputCallResponse> responses, ServerCallContext context)
    {
        foreach (var parameters in request.ResponseParameters)
        {
            if (parameters.IntervalUs > 0)
            {
                await Task.Delay(TimeSpan.FromMicroseconds(parameters.IntervalUs), context.CancellationToken);
            }

            responses.WriteOptions = new WriteOptions(parameters.Compressed is { Value: false } ? WriteFlags.NoCompress : 0);
            await responses.WriteAsync(new StreamingOutputCallResponse { Payload = Zeros(parameters.Size) });
        }
    }

    private static async Task EchoMetadataAsync(ServerCallContext context, BoolValue? compressed)
    {
        var headers = new Metadata();
        if (context.RequestHeaders.GetValue(InitialMetadataKey) is { } initial)
        {
            headers.Add(InitialMetadataKey, initial);
        }

        if (compressed is not null)
        {
            headers.Add("grpc-internal-encoding-request", "gzip");
            context.WriteOptions = new WriteOptions(compressed.Value ? 0 : WriteFlags.NoCompress);
        }

        if (context.RequestHeaders.GetValueBytes(TrailingMetadataKey) is { } trailing)
        {
            context.ResponseTrailers.Add(TrailingMetadataKey, trailing);
        }

        if (headers.Count > 0)
        {
            await context.WriteResponseHeadersAsync(headers);
        }
    }

    private static void CheckCompression(BoolValue? expected, ServerCallContext context)
    {
        // The contract: a message that was to come compressed and did not is INVALID_ARGUMENT. What came is noted before the call begins.
        var flag = context.GetHttpContext().Items[FirstFlagKey];
        if (expected is not null && flag is byte seen && seen == 1 != expected.Value)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, "The message's compression is not what it says."));
        }
    }

    private static void ThrowIfAsked(EchoStatus? status)
    {
        if (status is not null && status.Code != 0)
        {
            throw new RpcException(new Status((StatusCode)status.Code, status.Message));
        }
    }

    private static Payload Zeros(int size) => new() { Body = Google.Protobuf.ByteString.CopyFrom(new byte[size]) };
}
