using Fleet.Coordinator.Configuration;
using Fleet.Coordinator.Identity;
using Fleet.Coordinator.Sessions;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Fleet.Coordinator.Hosting;

/// <summary>Where the coordinator listens: gRPC over TLS for agents and operators, plain HTTP on loopback for monitoring.</summary>
internal static class KestrelSetup
{
    public static WebApplicationBuilder AddListeners(this WebApplicationBuilder builder, CoordinatorOptions options)
    {
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            SetLimits(kestrel.Limits);
            var tls = kestrel.ApplicationServices.GetRequiredService<ITlsIdentity>();
            foreach (var endpoint in options.Listen)
            {
                kestrel.Listen(endpoint, listen =>
                {
                    listen.Protocols = HttpProtocols.Http2;
                    listen.UseHttps(https =>
                    {
                        https.ServerCertificateSelector = (_, _) => tls.ServerCertificate;
                        https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                        https.ClientCertificateValidation = (certificate, _, _) => tls.AcceptsHandshake(certificate);
                        https.CheckCertificateRevocation = false;
                        https.HandshakeTimeout = TimeSpan.FromSeconds(10);
                    });
                });
            }

            if (options.HttpListen is { } http)
            {
                kestrel.Listen(http, listen => listen.Protocols = HttpProtocols.Http1);
            }
        });
        return builder;
    }

    public static void SetLimits(KestrelServerLimits limits)
    {
        // A network path that died silently holds its connection no longer than this; sessions notice by themselves within 15 s.
        limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(20);
        limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);

        // For calls with one request, which must not begin and never end; gRPC lifts it for streams, which may be idle.
        limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: SessionServices.DeadAfter);
        limits.MinResponseDataRate = null;

        // How much Kestrel accepts from a peer before anybody reads it. Half of the defaults: no peer sends much at a time.
        limits.Http2.InitialConnectionWindowSize = 512 * 1024;
        limits.Http2.InitialStreamWindowSize = 256 * 1024;
    }
}
