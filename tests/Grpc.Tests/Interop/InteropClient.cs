using Fleet.Grpc.Tests.Infrastructure;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Testing;

namespace Fleet.Grpc.Tests.Interop;

/// <summary>Our client's side of the interoperability cases, against any server.</summary>
internal sealed class InteropClient : IDisposable
{
    private const string Special = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n";
    private const string InitialKey = "x-grpc-test-echo-initial";
    private const string TrailingKey = "x-grpc-test-echo-trailing-bin";
    private static readonly int[] Sizes = [31415, 9, 2653, 58979];
    private static readonly int[] PayloadSizes = [27182, 8, 1828, 45904];

    private readonly FrameRecorder _frames;
    private readonly ServerAbilities _server;
    private readonly GrpcChannel _channel;
    private readonly TestService.TestServiceClient _client;

    public InteropClient(string address, ServerAbilities server)
    {
        _server = server;
        FrameRecorder? frames = null;
        _channel = AgentChannel.To(address, options => options.HttpHandler = frames = new FrameRecorder(options.HttpHandler!));
        _frames = frames!;
        _client = new TestService.TestServiceClient(_channel);
    }

    public Task RunAsync(string name) => name switch
    {
        InteropCase.EmptyUnary => EmptyUnaryAsync(),
        InteropCase.LargeUnary => LargeUnaryAsync(),
        InteropCase.ClientStreaming => ClientStreamingAsync(),
        InteropCase.ServerStreaming => ServerStreamingAsync(),
        InteropCase.PingPong => PingPongAsync(),
        InteropCase.EmptyStream => EmptyStreamAsync(),
        InteropCase.ClientCompressedUnary => ClientCompressedUnaryAsync(),
        InteropCase.ServerCompressedUnary => ServerCompressedUnaryAsync(),
        InteropCase.CustomMetadata => CustomMetadataAsync(),
        InteropCase.StatusCodeAndMessage => StatusCodeAndMessageAsync(),
        InteropCase.SpecialStatusMessage => SpecialStatusMessageAsync(),
        InteropCase.UnimplementedMethod => UnimplementedMethodAsync(),
        InteropCase.UnimplementedService => UnimplementedServiceAsync(),
        InteropCase.CancelAfterBegin => CancelAfterBeginAsync(),
        InteropCase.CancelAfterFirstResponse => CancelAfterFirstResponseAsync(),
        InteropCase.TimeoutOnSleepingServer => TimeoutOnSleepingServerAsync(),
        _ => throw new ArgumentException($"No such case: {name}", nameof(name)),
    };

    public void Dispose() => _channel.Dispose();

    private static Payload Zeros(int size) => new() { Body = ByteString.CopyFrom(new byte[size]) };

    private static SimpleRequest Large() => new() { ResponseSize = 314159, Payload = Zeros(271828) };

    private static StreamingOutputCallRequest Duplex(int size, int payloadSize, int intervalUs = 0) => new()
    {
        ResponseParameters = { new ResponseParameters { Size = size, IntervalUs = intervalUs } },
        Payload = Zeros(payloadSize),
    };

    private async Task EmptyUnaryAsync() => Assert.Equal(new Empty(), await _client.EmptyCallAsync(new Empty()).InTimeAsync());

    private async Task LargeUnaryAsync() => await LargeAsync(Large(), default);

    private async Task LargeAsync(SimpleRequest request, CallOptions options) =>
        Assert.Equal(314159, (await _client.UnaryCallAsync(request, options).InTimeAsync()).Payload.Body.Length);

    private async Task ClientStreamingAsync()
    {
        using var call = _client.StreamingInputCall();
        foreach (var size in PayloadSizes)
        {
            await call.RequestStream.WriteAsync(new StreamingInputCallRequest { Payload = Zeros(size) }).InTimeAsync();
        }

        await call.RequestStream.CompleteAsync();
        Assert.Equal(74922, (await call.ResponseAsync.InTimeAsync()).AggregatedPayloadSize);
    }

    private async Task ServerStreamingAsync()
    {
        var request = new StreamingOutputCallRequest();
        request.ResponseParameters.AddRange(Sizes.Select(size => new ResponseParameters { Size = size }));
        using var call = _client.StreamingOutputCall(request);
        Assert.Equal(Sizes, await SizesAsync(call.ResponseStream));
    }

    private async Task PingPongAsync()
    {
        using var call = _client.FullDuplexCall();
        foreach (var (size, payloadSize) in Sizes.Zip(PayloadSizes))
        {
            await call.RequestStream.WriteAsync(Duplex(size, payloadSize)).InTimeAsync();
            Assert.True(await call.ResponseStream.MoveNext().InTimeAsync());
            Assert.Equal(size, call.ResponseStream.Current.Payload.Body.Length);
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext().InTimeAsync());
    }

    private async Task EmptyStreamAsync()
    {
        using var call = _client.FullDuplexCall();
        await call.RequestStream.CompleteAsync();
        Assert.Empty(await SizesAsync(call.ResponseStream));
    }

    private async Task ClientCompressedUnaryAsync()
    {
        var compressed = new CallOptions(new Metadata { { "grpc-internal-encoding-request", "gzip" } });
        var request = Large();
        request.ExpectCompressed = new BoolValue { Value = true };
        if (_server.SeesRequestCompression)
        {
            var e = await _client.UnaryCallAsync(request).ResponseAsync.FailsAsync();
            Assert.Equal(StatusCode.InvalidArgument, e.StatusCode);
        }

        _frames.Clear();
        await LargeAsync(request, compressed);
        request.ExpectCompressed.Value = false;
        await LargeAsync(request, default);
        await LargeAsync(request, compressed.WithWriteOptions(new WriteOptions(WriteFlags.NoCompress)));
        Assert.Equal([1, 0, 0], _frames.RequestFlags);
    }

    private async Task ServerCompressedUnaryAsync()
    {
        foreach (var value in (bool[])[true, false])
        {
            var request = Large();
            request.ResponseCompressed = new BoolValue { Value = value };
            await LargeAsync(request, default);
        }

        Assert.Equal(_server.CompressesResponses ? [1, 0] : [0, 0], _frames.ResponseFlags);
    }

    private async Task CustomMetadataAsync()
    {
        var metadata = new Metadata { { InitialKey, "test_initial_metadata_value" }, { TrailingKey, [0xab, 0xab, 0xab] } };
        using (var call = _client.UnaryCallAsync(Large(), metadata))
        {
            Assert.Equal(314159, (await call.InTimeAsync()).Payload.Body.Length);
            Assert.Equal("test_initial_metadata_value", (await call.ResponseHeadersAsync.InTimeAsync()).GetValue(InitialKey));
            Assert.Equal([0xab, 0xab, 0xab], call.GetTrailers().GetValueBytes(TrailingKey));
        }

        using (var call = _client.FullDuplexCall(metadata))
        {
            await call.RequestStream.WriteAsync(Duplex(314159, 271828)).InTimeAsync();
            await call.RequestStream.CompleteAsync();
            Assert.Equal([314159], await SizesAsync(call.ResponseStream));
            Assert.Equal("test_initial_metadata_value", (await call.ResponseHeadersAsync.InTimeAsync()).GetValue(InitialKey));
            Assert.Equal([0xab, 0xab, 0xab], call.GetTrailers().GetValueBytes(TrailingKey));
        }
    }

    private async Task StatusCodeAndMessageAsync()
    {
        var status = new EchoStatus { Code = 2, Message = "test status message" };
        Check(await _client.UnaryCallAsync(new SimpleRequest { ResponseStatus = status }).ResponseAsync.FailsAsync());
        using var call = _client.FullDuplexCall();
        try
        {
            await call.RequestStream.WriteAsync(new StreamingOutputCallRequest { ResponseStatus = status }).InTimeAsync();
        }
        catch (RpcException e)
        {
            // The server may have ended the call before the write has returned.
            Check(e);
        }

        await call.RequestStream.CompleteAsync();
        Check(await call.ResponseStream.MoveNext().FailsAsync());

        static void Check(RpcException e) => Assert.Equal((StatusCode.Unknown, "test status message"), (e.StatusCode, e.Status.Detail));
    }

    private async Task SpecialStatusMessageAsync()
    {
        var request = new SimpleRequest { ResponseStatus = new EchoStatus { Code = 2, Message = Special } };
        var e = await _client.UnaryCallAsync(request).ResponseAsync.FailsAsync();
        Assert.Equal((StatusCode.Unknown, Special), (e.StatusCode, e.Status.Detail));
    }

    private async Task UnimplementedMethodAsync() =>
        Assert.Equal(StatusCode.Unimplemented, (await _client.UnimplementedCallAsync(new Empty()).ResponseAsync.FailsAsync()).StatusCode);

    private async Task UnimplementedServiceAsync()
    {
        var other = new UnimplementedService.UnimplementedServiceClient(_channel);
        Assert.Equal(StatusCode.Unimplemented, (await other.UnimplementedCallAsync(new Empty()).ResponseAsync.FailsAsync()).StatusCode);
    }

    private async Task CancelAfterBeginAsync()
    {
        using var cancel = new CancellationTokenSource();
        using var call = _client.StreamingInputCall(cancellationToken: cancel.Token);
        await cancel.CancelAsync();
        Assert.Equal(StatusCode.Cancelled, (await call.ResponseAsync.FailsAsync()).StatusCode);
    }

    private async Task CancelAfterFirstResponseAsync()
    {
        using var cancel = new CancellationTokenSource();
        using var call = _client.FullDuplexCall(cancellationToken: cancel.Token);
        await call.RequestStream.WriteAsync(Duplex(31415, 27182)).InTimeAsync();
        Assert.True(await call.ResponseStream.MoveNext().InTimeAsync());
        await cancel.CancelAsync();
        Assert.Equal(StatusCode.Cancelled, (await call.ResponseStream.MoveNext().FailsAsync()).StatusCode);
    }

    private async Task TimeoutOnSleepingServerAsync()
    {
        using var call = _client.FullDuplexCall(deadline: TimeProvider.System.GetUtcNow().UtcDateTime.AddMilliseconds(1));
        try
        {
            await call.RequestStream.WriteAsync(Duplex(31415, 27182, intervalUs: 5_000_000)).InTimeAsync();
        }
        catch (RpcException e)
        {
            // The deadline may pass before the write.
            Assert.Equal(StatusCode.DeadlineExceeded, e.StatusCode);
        }
        catch (IOException)
        {
            // Or in the middle of it: the stream is reset under the write, and only the status says why.
        }

        Assert.Equal(StatusCode.DeadlineExceeded, (await call.ResponseStream.MoveNext().FailsAsync()).StatusCode);
    }

    private static async Task<List<int>> SizesAsync(IAsyncStreamReader<StreamingOutputCallResponse> responses) =>
        await responses.ReadAllAsync().Select(r => r.Payload.Body.Length).ToListAsync().AsTask().InTimeAsync();
}
