using Fleet.Cli.Connection;
using Fleet.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Fleet.Cli.Tests.Scripted;

/// <summary>A coordinator whose answers a test writes, behind the real stubs, real gRPC and real TLS on loopback.</summary>
public sealed class ScriptedCoordinator : IAsyncDisposable
{
    public const string Token = "fleetop.abcd1234.secret";
    private readonly LoopbackServer _server;

    private ScriptedCoordinator(LoopbackServer server, TestAuthority authority, Script script)
    {
        _server = server;
        Authority = authority;
        Script = script;
    }

    public int Port => _server.Port;

    public TestAuthority Authority { get; }

    public string Address => _server.Address;

    public Script Script { get; }

    public static async Task<ScriptedCoordinator> StartAsync(int port = 0, TestAuthority? authority = null, Script? script = null)
    {
        authority ??= new TestAuthority();
        script ??= new Script();
        var server = await LoopbackServer.StartAsync(
            builder =>
            {
                builder.Services.AddGrpc();
                builder.Services.AddSingleton(script);
            },
            app =>
            {
                app.MapGrpcService<ScriptedFleet>();
                app.MapGrpcService<ScriptedEvents>();
                app.MapGrpcService<ScriptedAdmin>();
            },
            authority.ServerCertificate(),
            port);
        return new ScriptedCoordinator(server, authority, script);
    }

    /// <summary>Signs a CSR, as the coordinator does for operators.</summary>
    public string Sign(string csrPem) => Authority.Sign(csrPem, TestAuthority.Born, TestAuthority.Born.AddYears(40));

    public byte[] CredentialFile(string token = Token) => new Credential
    {
        Address = new Uri(Address),
        CaCertificatePem = Authority.CertificatePem,
        BearerToken = token,
    }.ToJson();

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
