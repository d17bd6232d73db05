using System.IO.Compression;
using System.Net;
using Fleet.Grpc.Tests.Infrastructure;
using Google.Protobuf;
using Grpc.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Logging;

namespace Fleet.Grpc.Tests;

/// <summary>Requests that are wrong: each gets the right answer soon, and the server goes on.</summary>
public sealed class MalformedRequestTests : IAsyncLifetime
{
    private const string Unary = "/grpc.testing.TestService/UnaryCall";
    private const string ClientStreaming = "/grpc.testing.TestService/StreamingInputCall";

    private TestServer _server = null!;
    private RawGrpcClient _client = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await TestServer.StartAsync(app => app.MapGrpcService<InteropService>(), options => options.MaxReceiveMessageSize = 1000);
        _client = new RawGrpcClient(_server.Address);
    }

    public async ValueTask DisposeAsync()
    {
        // Whatever came before: the server still answers, and none of it was its own fault.
        var answer = await _client.CallAsync(Unary, RawGrpcClient.Frame([])).InTimeAsync();
        Assert.Equal("0", answer.GrpcStatus);
        Assert.DoesNotContain(_server.Log.Lines, line => line.Level >= LogLevel.Error);
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Theory]
    [InlineData(Unary, 2)]
    [InlineData(Unary, 255)]
    [InlineData(ClientStreaming, 2)]
    public async Task Flag_NeitherZeroNorOne_IsInternal(string path, byte flag) =>
        await ExpectAsync("13", _client.CallAsync(path, RawGrpcClient.Frame([], flag)));

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
            gzip.Write(new byte[500_000]);
        }

        Assert.True(bomb.Length < 1000);
        await ExpectAsync("8", _client.CallAsync(Unary, RawGrpcClient.Frame(bomb.ToArray(), flag: 1), ("grpc-encoding", "gzip")));
    }

    [Theory]
    [InlineData(Unary, 1001)]
    [InlineData(Unary, int.MaxValue)]
    [InlineData(Unary, -1)]
    [InlineData(ClientStreaming, 1001)]
    [InlineData(ClientStreaming, -1)]
    public async Task Length_BeyondTheLimit_IsResourceExhaustedBeforeTheMessageArrives(string path, int length) =>
        await ExpectAsync("8", _client.CallAsync(path, RawGrpcClient.Frame([1, 2, 3], length: length)));

    [Fact]
    public async Task Length_AtTheLimit_IsAccepted()
    {
        var request = new SimpleRequest { Payload = new Payload { Body = ByteString.CopyFrom(new byte[994]) } }.ToByteArray();
        Assert.Equal(1000, request.Length);
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
    public async Task Message_GarbageProtobuf_IsInternal(string path) =>
        await ExpectAsync("13", _client.CallAsync(path, RawGrpcClient.Frame([0xff, 0xff, 0xff, 0xff, 0xff])));

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
            "0", RawAnswer.ReadAsync(_client.SendAsync(Unary, new ByteArrayContent(RawGrpcClient.Frame([])), contentType, HttpMethod.Post)));

    [Theory]
    [InlineData("GET")]
    [InlineData("PUT")]
    public async Task Method_NotPost_Is405(string method)
    {
        var content = method == "GET" ? null : new ByteArrayContent([]);
        using var response = await _client.SendAsync(Unary, content, "application/grpc", new HttpMethod(method)).InTimeAsync();
        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
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
    public async Task Path_UnknownService_IsUnimplemented(string path) => await ExpectAsync("12", _client.CallAsync(path, RawGrpcClient.Frame([])));

    [Fact]
    public async Task Path_UnknownWithoutGrpcContentType_Is404()
    {
        using var response = await _client.SendAsync("/a/b", new ByteArrayContent([]), "text/plain", HttpMethod.Post).InTimeAsync();
        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
    }

    [Fact]
    public async Task Metadata_InvalidBase64_IsLeftOut() =>
        await ExpectAsync("0", _client.CallAsync(Unary, RawGrpcClient.Frame([]), ("x-grpc-test-echo-trailing-bin", "!!!")));

    [Fact]
    public async Task Message_ThatNeverComesWhole_HoldsNoMoreThanArrived()
    {
        // Says 1000 bytes, sends 10 and then nothing: the call waits, and ends with the client's deadline.
        var body = new PausedContent(RawGrpcClient.Frame(new byte[10], length: 1000));
        var answer = await RawAnswer.ReadAsync(
            _client.SendAsync(Unary, body, "application/grpc", HttpMethod.Post, ("grpc-timeout", "300m"))).InTimeAsync();
        Assert.Equal("4", answer.GrpcStatus);
        body.Release();
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
