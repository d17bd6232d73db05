using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fleet.Cli.Connection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fleet.Cli.Tests.Scripted;

/// <summary>A coordinator whose answers a test writes, behind the real stubs, real gRPC and real TLS on loopback.</summary>
public sealed class ScriptedCoordinator : IAsyncDisposable
{
    public const string Token = "fleetop.abcd1234.secret";
    private static readonly DateTimeOffset Born = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly WebApplication _app;

    private ScriptedCoordinator(WebApplication app, int port, X509Certificate2 ca)
    {
        _app = app;
        Port = port;
        Ca = ca;
    }

    public int Port { get; }

    public X509Certificate2 Ca { get; }

    public string Address => $"https://127.0.0.1:{Port}";

    public Script Script => _app.Services.GetRequiredService<Script>();

    public static async Task<ScriptedCoordinator> StartAsync(int port = 0, X509Certificate2? ca = null, Script? script = null)
    {
        ca ??= NewAuthority();
        using var server = NewServerCertificate(ca);
        var certificate = X509CertificateLoader.LoadPkcs12(server.Export(X509ContentType.Pkcs12), null);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(script ?? new Script());
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            listen.UseHttps(https =>
            {
                https.ServerCertificate = certificate;
                https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                https.AllowAnyClientCertificate();
            });
        }));
        var app = builder.Build();
        app.MapGrpcService<ScriptedFleet>();
        app.MapGrpcService<ScriptedEvents>();
        app.MapGrpcService<ScriptedAdmin>();
        await app.StartAsync();
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return new ScriptedCoordinator(app, new Uri(address).Port, ca);
    }

    public static X509Certificate2 NewAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Fleet test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        return request.CreateSelfSigned(Born, Born.AddYears(50));
    }

    /// <summary>Signs a CSR, as the coordinator does for operators.</summary>
    public string Sign(string csrPem)
    {
        var request = CertificateRequest.LoadSigningRequestPem(csrPem, HashAlgorithmName.SHA256);
        using var certificate = request.Create(Ca, Born, Born.AddYears(40), RandomNumberGenerator.GetBytes(8));
        return certificate.ExportCertificatePem();
    }

    public byte[] CredentialFile(string token = Token) => new Credential
    {
        Address = new Uri(Address),
        CaCertificatePem = Ca.ExportCertificatePem(),
        BearerToken = token,
    }.ToJson();

    public async ValueTask DisposeAsync()
    {
        using var atOnce = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(atOnce.Token);
        await _app.DisposeAsync();
    }

    private static X509Certificate2 NewServerCertificate(X509Certificate2 ca)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=fleet-coordinator", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(ca, Born, Born.AddYears(40), RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }
}
