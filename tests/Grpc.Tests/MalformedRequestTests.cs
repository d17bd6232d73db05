using System.IO.Compression;
using System.Net;
using Fleet.Coordinator.Hosting;
using Fleet.Grpc.Tests.Infrastructure;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Fleet.Grpc.Tests;

/// <summary>Requests that are wrong: each gets the right answer soon, and the server goes on.</summary>
public sealed class MalformedRequestTests : IAsyncLifetime
{
    private const string Unary = "/grpc.testing.TestService/UnaryCall";
    private const string ClientStreaming = "/grpc.testing.TestService/StreamingInputCall";

    private const int MaxMessageBytes = 4 * 1024 * 1024;

    private TestServer _server = null!;
    private RawGrpcClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync(app => app.MapGrpcService<InteropService>());
        _client = new RawGrpcClient(_server.Address);
    }

    public async ValueTask DisposeAsync()
    {
        // Whatever came before: the server still answers, and none of it was its own fault.
        var answer = await _client.CallAsync(Unary, RawGrpcClient.Frame([])).InTimeAsync();
        Assert.Equal("0", answer.GrpcStatus);
        Assert.DoesNotContain(_server.Log.Lines, line => LoggingSetup.IsShown(line.Category, line.Level, LogLevel.Information));
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData(Unary, 2)]
    [InlineData(Unary, 255)]
    [InlineData(ClientStreaming, 2)]
    public async Task Flag_NeitherZeroNorOne_IsRefused(string path, byte flag) =>
        await ExpectAsync("2", _client.CallAsync(path, RawGrpcClient.Frame([], flag)));

    [Theory]
    [InlineData(Unary)]
    [InlineData(ClientStreaming)]
    public async Task Flag_CompressedWithoutEncoding_IsInternal(string path) =>
        await ExpectAsync("13", _client.CallAsync(path, RawGrpcClient.Frame([1, 2], flag: 1)));

    [Fact]
    public async Task Flag_CompressedWithIdentity_IsInternal() =>
        await ExpectAsync("13", _client.CallAsync(Unary, RawGrpcClient.Frame([1, 2], flag: 1), ("grpc-encoding", "identity")));

    [Fact]
    public async Task Flag_CompressedWithUnknownEncoding_IsUnimplementedAndNamesWhatIsAccepted()
    {
        var answer = await ExpectAsync("12", _client.CallAsync(Unary, RawGrpcClient.Frame([1, 2], flag: 1), ("grpc-encoding", "zstd")));
        Assert.Equal("identity,gzip", string.Join(',', answer.Response.Headers.GetValues("grpc-accept-encoding")));
    }

    [Fact]
    public async Task Gzip_Garbage_IsInternal() =>
        await ExpectAsync("13", _client.CallAsync(Unary, RawGrpcClient.Frame([1, 2, 3], flag: 1), ("grpc-encoding", "gzip")));

    [Fact]
    public async Task Gzip_Bomb_IsResourceExhausted()
    {
        using var bomb = new MemoryStream();
        using (var gzip = new GZipStream(bomb, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            gzip.Write(new byte[MaxMessageBytes + 1]);
        }

        Assert.True(bomb.Length < 10_000);
        await ExpectAsync("8", _client.CallAsync(Unary, RawGrpcClient.Frame(bomb.ToArray(), flag: 1), ("grpc-encoding", "gzip")));
    }

    [Theory]
    [InlineData(Unary, MaxMessageBytes + 1)]
    [InlineData(Unary, int.MaxValue)]
    [InlineData(ClientStreaming, MaxMessageBytes + 1)]
    public async Task Length_BeyondTheLimit_IsResourceExhaustedBeforeTheMessageArrives(string path, int length) =>
        await ExpectAsync("8", _client.CallAsync(path, RawGrpcClient.Frame([1, 2, 3], length: length)));

    [Theory]
    [InlineData(Unary)]
    [InlineData(ClientStreaming)]
    public async Task Length_BeyondThirtyOneBits_IsRefused(string path) =>
        await ExpectAsync("2", _client.CallAsync(path, RawGrpcClient.Frame([1, 2, 3], length: -1)));

    [Fact]
    public async Task Length_AtTheLimit_IsAccepted()
    {
        var request = new SimpleRequest
        {
            Payload = new Payload { Body = ByteString.CopyFrom(new byte[MaxMessageBytes - 10]) },
        }.ToByteArray();
        Assert.Equal(MaxMessageBytes, request.Length);
        await ExpectAsync("0", _client.CallAsync(Unary, RawGrpcClient.Frame(request)));
    }

    [Theory]
    [InlineData(Unary, new byte[0])]
    [InlineData(Unary, new byte[] { 0 })]
    [InlineData(Unary, new byte[] { 0, 0, 0, 0 })]
    [InlineData(Unary, new byte[] { 0, 0, 0, 0, 5, 1, 2 })]
    [InlineData(ClientStreaming, new byte[] { 0, 0, 0 })]
    [InlineData(ClientStreaming, new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 9, 1 })]
    public async Task Message_Truncated_IsInternal(string path, byte[] body) => await ExpectAsync("13", _client.CallAsync(path, body));

    [Fact]
    public async Task Message_SecondOneForAUnaryMethod_IsInternal() =>
        await ExpectAsync("13", _client.CallAsync(Unary, [.. RawGrpcClient.Frame([]), .. RawGrpcClient.Frame([])]));

    [Theory]
    [InlineData(Unary)]
    [InlineData(ClientStreaming)]
    public async Task Message_GarbageProtobuf_IsRefused(string path) =>
        await ExpectAsync("2", _client.CallAsync(path, RawGrpcClient.Frame([0xff, 0xff, 0xff, 0xff, 0xff])));

    [Theory]
    [InlineData(null)]
    [InlineData("application/json")]
    [InlineData("application/grpcx")]
    [InlineData("text/plain; application/grpc")]
    public async Task ContentType_NotGrpc_Is415(string? contentType)
    {
        var sending = _client.SendAsync(Unary, new ByteArrayContent(RawGrpcClient.Frame([])), contentType, HttpMethod.Post);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, (await sending.InTimeAsync()).StatusCode);
    }

    [Theory]
    [InlineData("application/grpc")]
    [InlineData("application/grpc+proto")]
    [InlineData("APPLICATION/GRPC")]
    [InlineData("application/grpc; charset=utf-8")]
    public async Task ContentType_Grpc_IsAccepted(string contentType) =>
        await ExpectAsync(
            "0",
            RawAnswer.ReadAsync(_client.SendAsync(Unary, new ByteArrayContent(RawGrpcClient.Frame([])), contentType, HttpMethod.Post)));

    [Theory]
    [InlineData("GET")]
    [InlineData("PUT")]
    public async Task Method_NotPost_Is404(string method)
    {
        var content = method == "GET" ? null : new ByteArrayContent([]);
        using var response = await _client.SendAsync(Unary, content, "application/grpc", new HttpMethod(method)).InTimeAsync();
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Path_UnknownMethod_IsUnimplementedWithoutABody()
    {
        var answer = await ExpectAsync("12", _client.CallAsync("/grpc.testing.TestService/Nothing", RawGrpcClient.Frame([])));
        Assert.True(answer.TrailersOnly);
        Assert.Empty(answer.Body);
    }

    [Theory]
    [InlineData("/grpc.testing.UnimplementedService/UnimplementedCall")]
    [InlineData("/a/b")]
    public async Task Path_UnknownService_IsUnimplemented(string path) =>
        await ExpectAsync("12", _client.CallAsync(path, RawGrpcClient.Frame([])));

    [Fact]
    public async Task Path_UnknownWithoutGrpcContentType_Is404()
    {
        using var response = await _client.SendAsync("/a/b", new ByteArrayContent([]), "text/plain", HttpMethod.Post).InTimeAsync();
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Message_ThatNeverComesWhole_EndsWithTheCallsDeadline()
    {
        // Says 1000 bytes, sends 10 and then nothing. The server ends the answer with the status and then resets the stream, for its client
        // has the same deadline: which of both is seen first here is up to the scheduler.
        var body = new PausedContent(RawGrpcClient.Frame(new byte[10], length: 1000));
        var answer = RawAnswer.ReadAsync(_client.SendAsync(Unary, body, "application/grpc", HttpMethod.Post, ("grpc-timeout", "300m")));
        try
        {
            Assert.Equal("4", (await answer.InTimeAsync()).GrpcStatus);
        }
        catch (HttpRequestException e)
        {
            Assert.Equal(0x8, Assert.IsType<HttpProtocolException>(e.InnerException).ErrorCode);
        }

        body.Release();
    }

    [Fact]
    public async Task Message_ThatNeverComesWholeWithoutADeadline_LosesItsConnection_AndAStreamThatRestsDoesNot()
    {
        await using var server = await TestServer.StartAsync(app => app.MapGrpcService<InteropService>(), kestrel: options =>
        {
            // The same limit as the coordinator's, in less time.
            var rate = options.Limits.MinRequestBodyDataRate!;
            Assert.InRange(rate.GracePeriod, TimeSpan.Zero, TimeSpan.FromSeconds(15));
            options.Limits.MinRequestBodyDataRate = new MinDataRate(rate.BytesPerSecond, TimeSpan.FromSeconds(2));
        });
        using var channel = server.Connect();
        using var call = new TestService.TestServiceClient(channel).FullDuplexCall();
        var request = new StreamingOutputCallRequest { ResponseParameters = { new ResponseParameters { Size = 1 } } };
        await call.RequestStream.WriteAsync(request).InTimeAsync();
        Assert.True(await call.ResponseStream.MoveNext().InTimeAsync());

        // Twice, since the stream rests for at least as long as these take, which began after it.
        for (var i = 0; i < 2; i++)
        {
            using var client = new RawGrpcClient(server.Address);
            var body = new PausedContent(RawGrpcClient.Frame(new byte[10], length: 1000));
            await Assert.ThrowsAnyAsync<HttpRequestException>(
                () => client.SendAsync(Unary, body, "application/grpc", HttpMethod.Post).InTimeAsync());
            body.Release();
        }

        await call.RequestStream.WriteAsync(request).InTimeAsync();
        Assert.True(await call.ResponseStream.MoveNext().InTimeAsync());
    }

    [Fact]
    public async Task ClientReset_InTheMiddleOfAMessage_LeavesTheServerWell()
    {
        for (var i = 0; i < 20; i++)
        {
            var body = new PausedContent(RawGrpcClient.Frame(new byte[10], length: 1000));
            using var http = new HttpMessageInvoker(new SocketsHttpHandler());
            using var request = new HttpRequestMessage(HttpMethod.Post, _server.Address + ClientStreaming)
            {
                Version = HttpVersion.Version20,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
                Content = body,
            };
            body.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
            using var cancel = new CancellationTokenSource();
            var sending = http.SendAsync(request, cancel.Token);
            await body.Started.InTimeAsync();
            await cancel.CancelAsync();
            await Assert.ThrowsAnyAsync<Exception>(() => sending.InTimeAsync());
            body.Release();
        }
    }

    private static async Task<RawAnswer> ExpectAsync(string grpcStatus, Task<RawAnswer> answering)
    {
        var answer = await answering.InTimeAsync();
        Assert.Equal(200, answer.HttpStatus);
        Assert.Equal(grpcStatus, answer.GrpcStatus);
        Assert.Equal("application/grpc", answer.Response.Content.Headers.ContentType?.MediaType);
        return answer;
    }
}
