using Fleet.Grpc.Tests.Infrastructure;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Testing;

namespace Fleet.Grpc.Tests;

/// <summary>A write to a peer that does not read waits, and ends when it is cancelled: the agent's session depends on it.</summary>
public sealed class DeadPathTests
{
    /// <summary>More than windows and sockets take: tcp(7), tcp_wmem, 4 MiB by default.</summary>
    private static readonly StreamingOutputCallRequest Endless = new()
    {
        Payload = new Payload { Body = ByteString.CopyFrom(new byte[64 * 1024 * 1024]) },
    };

    public static TheoryData<string> Peers => ["default window", "open window", "no settings"];

    [Theory]
    [MemberData(nameof(Peers))]
    public async Task Write_TokenOfTheWriteCancelled_Ends(string peer)
    {
        using var server = Start(peer);
        using var channel = AgentChannel.To(server.Address);
        using var call = new TestService.TestServiceClient(channel).FullDuplexCall();
        using var cancel = new CancellationTokenSource();
        var stuck = await BeginAsync(server, call.RequestStream, cancel.Token);
        await cancel.CancelAsync();
        Assert.Equal(StatusCode.Cancelled, (await stuck.FailsAsync()).StatusCode);
    }

    [Theory]
    [MemberData(nameof(Peers))]
    public async Task Write_TokenOfTheCallCancelled_EndsAndSoDoesTheRead(string peer)
    {
        using var server = Start(peer);
        using var channel = AgentChannel.To(server.Address);
        using var cancel = new CancellationTokenSource();
        using var call = new TestService.TestServiceClient(channel).FullDuplexCall(cancellationToken: cancel.Token);
        var read = call.ResponseStream.MoveNext(cancel.Token);
        var stuck = await BeginAsync(server, call.RequestStream, cancel.Token);
        await cancel.CancelAsync();
        Assert.Equal(StatusCode.Cancelled, (await stuck.FailsAsync()).StatusCode);
        Assert.Equal(StatusCode.Cancelled, (await read.FailsAsync()).StatusCode);
    }

    [Theory]
    [MemberData(nameof(Peers))]
    public async Task Write_CallDisposed_Ends(string peer)
    {
        using var server = Start(peer);
        using var channel = AgentChannel.To(server.Address);
        using var call = new TestService.TestServiceClient(channel).FullDuplexCall();
        var stuck = await BeginAsync(server, call.RequestStream, CancellationToken.None);
        call.Dispose();
        Assert.Equal(StatusCode.Cancelled, (await stuck.FailsAsync()).StatusCode);
    }

    [Theory]
    [MemberData(nameof(Peers))]
    public async Task Write_Pings_EndTheCall(string peer)
    {
        using var server = Start(peer);
        using var channel = AgentChannel.To(server.Address, options =>
        {
            var handler = (SocketsHttpHandler)options.HttpHandler!;
            handler.KeepAlivePingDelay = handler.KeepAlivePingTimeout = handler.ConnectTimeout = TimeSpan.FromSeconds(1);
        });
        using var call = new TestService.TestServiceClient(channel).FullDuplexCall();
        var stuck = await BeginAsync(server, call.RequestStream, CancellationToken.None);

        // Not an RpcException: the library hands on what HTTP/2 threw.
        await Assert.ThrowsAnyAsync<IOException>(() => stuck.InTimeAsync());
    }

    private static DeafServer Start(string peer) => DeafServer.Start(peer switch
    {
        "default window" => DeafServer.DefaultWindow,
        "open window" => DeafServer.OpenWindow,
        _ => [],
    });

    /// <summary>A write that is under way and cannot end well.</summary>
    private static async Task<Task> BeginAsync(
        DeafServer server, IClientStreamWriter<StreamingOutputCallRequest> stream, CancellationToken cancellationToken)
    {
        var write = stream.WriteAsync(Endless, cancellationToken);
        await server.IsDeaf.InTimeAsync();
        return write;
    }
}
