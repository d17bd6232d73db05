using System.IO.Compression;
using Fleet.Grpc.Tests.Infrastructure;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Fleet.Grpc.Tests;

public sealed class CompressionTests
{
    private const string Unary = "/grpc.testing.TestService/UnaryCall";

    [Fact]
    public async Task Server_ClientAcceptsGzip_ResponseIsCompressed()
    {
        await using var server = await TestServer.StartAsync(
            app => app.MapGrpcService<InteropService>(), o => o.ResponseCompressionAlgorithm = "gzip");
        using var client = new RawGrpcClient(server.Address);
        var body = RawGrpcClient.Frame(new SimpleRequest { ResponseSize = 100_000 }.ToByteArray());
        var answer = await client.CallAsync(Unary, body, ("grpc-accept-encoding", "identity, gzip")).InTimeAsync();
        Assert.Equal("gzip", answer.Response.Headers.GetValues("grpc-encoding").Single());
        Assert.Equal(1, answer.Body[0]);
        Assert.True(answer.Body.Length < 10_000);

        var plain = await client.CallAsync(Unary, body).InTimeAsync();
        Assert.False(plain.Response.Headers.Contains("grpc-encoding"));
        Assert.Equal(0, plain.Body[0]);
        Assert.True(plain.Body.Length > 100_000);
    }

    [Fact]
    public async Task Server_ClientReadsCompressedStream_AndNoCompressIsHonoured()
    {
        await using var server = await TestServer.StartAsync(
            app => app.MapGrpcService<InteropService>(), o => o.ResponseCompressionAlgorithm = "gzip");
        using var channel = server.Connect();
        using var call = new TestService.TestServiceClient(channel).StreamingOutputCall(new StreamingOutputCallRequest
        {
            ResponseParameters =
            {
                new ResponseParameters { Size = 31415, Compressed = new BoolValue { Value = true } },
                new ResponseParameters { Size = 92653, Compressed = new BoolValue { Value = false } },
            },
        });
        var sizes = await call.ResponseStream.ReadAllAsync().Select(r => r.Payload.Body.Length).ToListAsync().AsTask().InTimeAsync();
        Assert.Equal([31415, 92653], sizes);

        using var raw = new RawGrpcClient(server.Address);
        var request = new StreamingOutputCallRequest
        {
            ResponseParameters = { new ResponseParameters { Size = 5000, Compressed = new BoolValue { Value = false } } },
        };
        var answer = await raw.CallAsync(
                "/grpc.testing.TestService/StreamingOutputCall",
                RawGrpcClient.Frame(request.ToByteArray()),
                ("grpc-accept-encoding", "gzip"))
            .InTimeAsync();
        Assert.Equal("gzip", answer.Response.Headers.GetValues("grpc-encoding").Single());
        Assert.Equal(0, answer.Body[0]);
    }

    [Fact]
    public async Task Client_AsksForGzip_RequestIsCompressedUnlessToldNot()
    {
        var seen = new List<(byte Flag, string? Encoding, int Length)>();
        await using var server = await TestServer.StartAsync(
            app =>
            {
                ((WebApplication)app).Use(async (context, next) =>
                {
                    using var body = new MemoryStream();
                    await context.Request.Body.CopyToAsync(body);
                    seen.Add((body.GetBuffer()[0], context.Request.Headers["grpc-encoding"], (int)body.Length));
                    body.Position = 0;
                    context.Request.Body = body;
                    await next(context);
                });
                app.MapGrpcService<InteropService>();
            });
        using var channel = server.Connect();
        var client = new TestService.TestServiceClient(channel);
        var request = new SimpleRequest { Payload = new Payload { Body = ByteString.CopyFrom(new byte[50_000]) } };
        var headers = new Metadata { { "grpc-internal-encoding-request", "gzip" } };
        await client.UnaryCallAsync(request, headers).InTimeAsync();
        await client.UnaryCallAsync(request, new CallOptions(headers, writeOptions: new WriteOptions(WriteFlags.NoCompress))).InTimeAsync();
        await client.UnaryCallAsync(request).InTimeAsync();
        Assert.Equal((1, "gzip"), (seen[0].Flag, seen[0].Encoding));
        Assert.True(seen[0].Length < 1000);
        Assert.Equal((0, "gzip"), (seen[1].Flag, seen[1].Encoding));
        Assert.Equal((0, null), (seen[2].Flag, seen[2].Encoding));
    }

    [Fact]
    public async Task Client_Bomb_IsResourceExhausted()
    {
        using var bomb = new MemoryStream();
        using (var gzip = new GZipStream(bomb, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            gzip.Write(new byte[5 * 1024 * 1024]);
        }

        await using var server = await TestServer.StartAsync(app => app.Map("/{**path}", async (HttpContext context) =>
        {
            context.Response.ContentType = "application/grpc";
            context.Response.Headers["grpc-encoding"] = "gzip";
            await context.Response.Body.WriteAsync(RawGrpcClient.Frame(bomb.ToArray(), flag: 1));
            context.Response.AppendTrailer("grpc-status", "0");
        }));
        using var channel = server.Connect();
        var client = new TestService.TestServiceClient(channel);
        Assert.Equal(
            StatusCode.ResourceExhausted,
            (await client.UnaryCallAsync(new SimpleRequest()).ResponseAsync.FailsAsync()).StatusCode);
        using var call = client.StreamingOutputCall(new StreamingOutputCallRequest());
        Assert.Equal(StatusCode.ResourceExhausted, (await call.ResponseStream.MoveNext().FailsAsync()).StatusCode);
    }
}
