using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fleet.Testing;

/// <summary>A real Kestrel on 127.0.0.1 that speaks HTTP/2, as gRPC needs it. It logs nothing unless a test adds a provider.</summary>
public sealed class LoopbackServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private LoopbackServer(WebApplication app)
    {
        _app = app;
        Address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
    }

    /// <summary>"https://127.0.0.1:34567".</summary>
    public string Address { get; }

    public int Port => new Uri(Address).Port;

    public IServiceProvider Services => _app.Services;

    /// <param name="configure">Adds services, gRPC among them, and changes what else the server is built with.</param>
    /// <param name="map">Adds middleware and maps services.</param>
    /// <param name="certificate">
    /// With its key: TLS, where clients may show any certificate and it is for the services to judge it. Null: no TLS.
    /// </param>
    /// <param name="port">0: a free one.</param>
    public static async Task<LoopbackServer> StartAsync(
        Action<WebApplicationBuilder> configure, Action<WebApplication> map, X509Certificate2? certificate = null, int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        configure(builder);
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port, listen =>
        {
            listen.Protocols = HttpProtocols.Http2;
            if (certificate is not null)
            {
                listen.UseHttps(https =>
                {
                    https.ServerCertificate = certificate;
                    https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                    https.AllowAnyClientCertificate();
                });
            }
        }));
        var app = builder.Build();
        map(app);
        await app.StartAsync();
        return new LoopbackServer(app);
    }

    /// <summary>Takes no more calls, and waits for those in progress until it is cancelled.</summary>
    public Task StopAsync(CancellationToken cancellationToken = default) => _app.StopAsync(cancellationToken);

    /// <summary>Stops at once: calls in progress are cut off.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
    }
}
