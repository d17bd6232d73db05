using Fleet.Grpc.Tests.Infrastructure;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Fleet.Grpc.Tests;

/// <summary>Where messages are cut into HTTP/2 frames says nothing: any cut gives the same messages.</summary>
public sealed class SplitFramesTests
{
    private static readonly int[] Sizes = [0, 1, 300, 5000, 2, 70_000];

    public static TheoryData<int> Cuts => [1, 2, 3, 4, 5, 6, 7, 100, 4096, 4097, 16_384, 1_000_000];

    [Theory]
    [MemberData(nameof(Cuts))]
    public async Task Server_ReadsMessagesCutAnywhere(int cut)
    {
        await using var server = await TestServer.StartAsync(app => app.MapGrpcService<InteropService>());
        using var client = new RawGrpcClient(server.Address);
        var body = Sizes
            .SelectMany(size =>
                RawGrpcClient.Frame(
                    new StreamingInputCallRequest { Payload = new Payload { Body = ByteString.CopyFrom(new byte[size]) } }.ToByteArray()))
            .ToArray();
        var answer = await RawAnswer
            .ReadAsync(
                client.SendAsync(
                    "/grpc.testing.TestService/StreamingInputCall",
                    new CutContent(body, cut),
                    "application/grpc",
                    HttpMethod.Post))
            .InTimeAsync();
        Assert.Equal("0", answer.GrpcStatus);
        Assert.Equal(Sizes.Sum(), StreamingInputCallResponse.Parser.ParseFrom(answer.Body.AsSpan(5)).AggregatedPayloadSize);
    }

    [Theory]
    [MemberData(nameof(Cuts))]
    public async Task Client_ReadsMessagesCutAnywhere(int cut)
    {
        var body = Sizes
            .SelectMany(size =>
                RawGrpcClient.Frame(
                    new StreamingOutputCallResponse { Payload = new Payload { Body = ByteString.CopyFrom(new byte[size]) } }.ToByteArray()))
            .ToArray();
        await using var server = await TestServer.StartAsync(app => app.Map("/{**path}", async (HttpContext context) =>
        {
            context.Response.ContentType = "application/grpc";
            foreach (var part in body.Chunk(cut))
            {
                await context.Response.Body.WriteAsync(part);
                await context.Response.Body.FlushAsync();
            }

            context.Response.AppendTrailer("grpc-status", "0");
        }));
        using var channel = server.Connect();
        using var call = new TestService.TestServiceClient(channel).StreamingOutputCall(new StreamingOutputCallRequest());
        var sizes = await call.ResponseStream.ReadAllAsync().Select(r => r.Payload.Body.Length).ToListAsync().AsTask().InTimeAsync();
        Assert.Equal(Sizes, sizes);
    }
}
