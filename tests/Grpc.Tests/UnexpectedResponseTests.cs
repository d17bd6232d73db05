using System.Net;
using System.Net.Sockets;
using Fleet.Grpc.Tests.Infrastructure;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Fleet.Grpc.Tests;

/// <summary>Servers that answer something else than gRPC asks for, or nothing at all.</summary>
public sealed class UnexpectedResponseTests
{
    /// <summary>Of an answer without a status. The specification asks for UNKNOWN; Grpc.Net.Client says CANCELLED.</summary>
    private static readonly StatusCode[] NoStatus = [StatusCode.Unknown, StatusCode.Cancelled];

    [Theory]
    [InlineData(400, StatusCode.Internal)]
    [InlineData(401, StatusCode.Unauthenticated)]
    [InlineData(403, StatusCode.PermissionDenied)]
    [InlineData(404, StatusCode.Unimplemented)]
    [InlineData(429, StatusCode.Unavailable)]
    [InlineData(502, StatusCode.Unavailable)]
    [InlineData(503, StatusCode.Unavailable)]
    [InlineData(504, StatusCode.Unavailable)]
    [InlineData(500, StatusCode.Unknown)]
    public async Task HttpStatus_WithoutGrpcStatus_IsMapped(int http, StatusCode expected)
    {
        var e = await CallAsync(context =>
        {
            context.Response.StatusCode = http;
            return Task.CompletedTask;
        });
        Assert.Equal(expected, e.StatusCode);
        Assert.Contains(http.ToString(System.Globalization.CultureInfo.InvariantCulture), e.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HttpStatus_WithGrpcStatus_GrpcStatusWins()
    {
        var e = await CallAsync(context =>
        {
            context.Response.StatusCode = 503;
            context.Response.Headers["grpc-status"] = "7";
            context.Response.Headers["grpc-message"] = "no%21";
            return Task.CompletedTask;
        });
        Assert.Equal(StatusCode.PermissionDenied, e.StatusCode);
        Assert.Equal("no!", e.Status.Detail);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("text/html")]
    public async Task ContentType_NotGrpc_Fails(string? contentType)
    {
        var e = await CallAsync(async context =>
        {
            context.Response.ContentType = contentType;
            await context.Response.WriteAsync("hello");
        });
        Assert.Contains(e.StatusCode, NoStatus);
        Assert.Contains("content-type", e.Status.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("5", StatusCode.NotFound)]
    [InlineData("99", (StatusCode)99)]
    [InlineData("-1", (StatusCode)(-1))]
    public async Task GrpcStatus_InTrailers_IsRead(string text, StatusCode expected)
    {
        var e = await CallAsync(context => AnswerAsync(context, [], text));
        Assert.Equal(expected, e.StatusCode);
    }

    [Fact]
    public async Task GrpcStatus_NoNumber_Fails() =>
        Assert.Contains((await CallAsync(context => AnswerAsync(context, [], "abc"))).StatusCode, NoStatus);

    [Fact]
    public async Task GrpcStatus_Missing_Fails() =>
        Assert.Contains((await CallAsync(context => AnswerAsync(context, RawGrpcClient.Frame([]), null))).StatusCode, NoStatus);

    [Fact]
    public async Task Unary_OkWithoutAMessage_IsInternal() =>
        Assert.Equal(StatusCode.Internal, (await CallAsync(context => AnswerAsync(context, [], "0"))).StatusCode);

    [Fact]
    public async Task Unary_TwoMessages_IsInternal() =>
        Assert.Equal(
            StatusCode.Internal,
            (await CallAsync(context => AnswerAsync(context, [.. RawGrpcClient.Frame([]), .. RawGrpcClient.Frame([])], "0"))).StatusCode);

    [Theory]
    [InlineData(new byte[] { 0, 0 }, StatusCode.Internal)]
    [InlineData(new byte[] { 0, 0, 0, 0, 9, 1 }, StatusCode.Internal)]
    [InlineData(new byte[] { 7, 0, 0, 0, 0 }, StatusCode.Internal)]
    [InlineData(new byte[] { 1, 0, 0, 0, 0 }, StatusCode.Internal)]
    [InlineData(new byte[] { 0, 0xff, 0xff, 0xff, 0xff }, StatusCode.Internal)]
    [InlineData(new byte[] { 0, 0, 0x40, 0, 1 }, StatusCode.ResourceExhausted)]
    [InlineData(new byte[] { 0, 0, 0, 0, 2, 0xff, 0xff }, StatusCode.Unavailable)] // Protobuf's exception is an IOException.
    public async Task Message_Malformed_HasTheRightStatus(byte[] body, StatusCode expected)
    {
        Assert.Equal(expected, (await CallAsync(context => AnswerAsync(context, body, "0"))).StatusCode);
        Assert.Equal(expected, (await StreamAsync(context => AnswerAsync(context, body, "0"))).StatusCode);
    }

    [Theory]
    [InlineData(0x2, StatusCode.Internal)]
    [InlineData(0x7, StatusCode.Unavailable)]
    [InlineData(0x8, StatusCode.Cancelled)]
    [InlineData(0xb, StatusCode.ResourceExhausted)]
    [InlineData(0xc, StatusCode.PermissionDenied)]
    public async Task StreamReset_AfterHeaders_IsMapped(int code, StatusCode expected)
    {
        async Task AnswerAndReset(HttpContext context)
        {
            context.Response.ContentType = "application/grpc";
            await context.Response.Body.FlushAsync();
            context.Features.GetRequiredFeature<IHttpResetFeature>().Reset(code);
        }

        Assert.Equal(expected, (await CallAsync(AnswerAndReset)).StatusCode);
        Assert.Equal(expected, (await StreamAsync(AnswerAndReset)).StatusCode);
    }

    [Theory]
    [InlineData(0x2, StatusCode.Internal)]
    [InlineData(0x8, StatusCode.Cancelled)]
    [InlineData(0xb, StatusCode.ResourceExhausted)]
    public async Task StreamReset_BeforeHeaders_IsMapped(int code, StatusCode expected)
    {
        Assert.Equal(expected, (await CallAsync(context =>
        {
            context.Features.GetRequiredFeature<IHttpResetFeature>().Reset(code);
            return Task.CompletedTask;
        })).StatusCode);
    }

    [Fact]
    public async Task Connection_Refused_IsUnavailable()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        using var channel = AgentChannel.To($"http://127.0.0.1:{port}");
        Assert.Equal(StatusCode.Unavailable, (await UnaryAsync(channel).FailsAsync()).StatusCode);
    }

    [Fact]
    public async Task Connection_TimesOut_IsUnavailable()
    {
        // Its queue of connections is full: the kernel answers no further SYN.
        using var deaf = new TcpListener(IPAddress.Loopback, 0);
        deaf.Start(backlog: 0);
        var port = ((IPEndPoint)deaf.LocalEndpoint).Port;
        using var first = new TcpClient();
        await first.ConnectAsync(IPAddress.Loopback, port);
        using var channel = AgentChannel.To($"http://127.0.0.1:{port}", options =>
            ((SocketsHttpHandler)options.HttpHandler!).ConnectTimeout = TimeSpan.FromMilliseconds(200));
        Assert.Equal(StatusCode.Unavailable, (await UnaryAsync(channel).FailsAsync()).StatusCode);
    }

    [Fact]
    public async Task Connection_ThatSpeaksSomethingElse_Fails()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = Task.Run(async () =>
        {
            using var client = await listener.AcceptTcpClientAsync();
            await client.GetStream().WriteAsync("SSH-2.0-OpenSSH_9.2\r\n"u8.ToArray());
            await client.GetStream().ReadAtLeastAsync(new byte[24], 24, throwOnEndOfStream: false);
        });
        using var channel = AgentChannel.To($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");

        // Noticed while the connection is set up it is a connection that failed, noticed once the request is on it
        // a frame that breaks the protocol: which of them is the client's first to see is a race of its own.
        Assert.Contains((await UnaryAsync(channel).FailsAsync()).StatusCode, new[] { StatusCode.Unavailable, StatusCode.Internal });
        await serving.InTimeAsync();
    }

    [Fact]
    public async Task Connection_AbortedInACall_IsUnavailable()
    {
        await using var server = await TestServer.StartAsync(app => app.Map("/{**path}", (HttpContext context) =>
        {
            context.Features.GetRequiredFeature<Microsoft.AspNetCore.Connections.Features.IConnectionLifetimeFeature>().Abort();
            return Task.CompletedTask;
        }));
        using var channel = server.Connect();
        Assert.Equal(StatusCode.Unavailable, (await UnaryAsync(channel).FailsAsync()).StatusCode);
    }

    private static async Task<RpcException> CallAsync(RequestDelegate answer)
    {
        await using var server = await TestServer.StartAsync(app => app.Map("/{**path}", answer));
        using var channel = server.Connect();
        return await UnaryAsync(channel).FailsAsync();
    }

    private static async Task<RpcException> StreamAsync(RequestDelegate answer)
    {
        await using var server = await TestServer.StartAsync(app => app.Map("/{**path}", answer));
        using var channel = server.Connect();
        using var call = new TestService.TestServiceClient(channel).StreamingOutputCall(new StreamingOutputCallRequest());
        return await call.ResponseStream.ReadAllAsync().ToListAsync().AsTask().FailsAsync();
    }

    private static async Task AnswerAsync(HttpContext context, byte[] body, string? status)
    {
        context.Response.ContentType = "application/grpc";
        await context.Response.Body.WriteAsync(body);
        if (status is not null)
        {
            context.Response.AppendTrailer("grpc-status", status);
        }
    }

    private static Task<SimpleResponse> UnaryAsync(GrpcChannel channel) =>
        new TestService.TestServiceClient(channel).UnaryCallAsync(new SimpleRequest()).ResponseAsync;
}
