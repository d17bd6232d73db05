namespace Fleet.Grpc.Tests.Interop;

/// <summary>Our client and server with implementations that are not ours, both ways.</summary>
public abstract class InteropTests(PeerFixture fixture)
{
    public static TheoryData<string> Cases => [.. InteropCase.All];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task OurClient_TheirServer(string name)
    {
        using var client = new InteropClient(fixture.Peer.ServerAddress!, fixture.Peer.Abilities);
        await client.RunAsync(name);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task TheirClient_OurServer(string name)
    {
        fixture.OurServer.Clear();
        await fixture.Peer.RunClientAsync(fixture.OurServer.Port, name);
        if (name == InteropCase.ServerCompressedUnary)
        {
            // Neither peer's client can tell whether a response came compressed, so our server's bytes are looked at.
            Assert.Equal([1, 0], fixture.OurServer.ResponseFlags);
        }
    }
}
