namespace Fleet.Grpc.Tests.Interop;

/// <summary>One peer with its server running, and our server, for all tests of a class.</summary>
public abstract class PeerFixture(string implementation) : IAsyncLifetime
{
    internal InteropServer OurServer { get; private set; } = null!;

    internal Peer Peer { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        OurServer = await InteropServer.StartAsync();
        Peer = await Peer.StartAsync(implementation);
    }

    public async ValueTask DisposeAsync()
    {
        await Peer.DisposeAsync();
        await OurServer.DisposeAsync();
        GC.SuppressFinalize(this);
    }
}
