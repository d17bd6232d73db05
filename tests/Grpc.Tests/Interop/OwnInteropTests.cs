namespace Fleet.Grpc.Tests.Interop;

/// <summary>Our client with our server.</summary>
public sealed class OwnInteropTests
{
    public static TheoryData<string> Cases => [.. InteropCase.All];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task OurClient_OurServer(string name)
    {
        await using var server = await InteropServer.StartAsync();
        using var client = new InteropClient(server.Address, ServerAbilities.All);
        await client.RunAsync(name);
    }
}
