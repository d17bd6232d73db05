using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Fleet.Testing;
using Grpc.Core;
using Grpc.Net.Client;

namespace Fleet.Coordinator.Tests.Rig;

/// <summary>Channels to a running coordinator. They trust its authority only, and check its certificate as any client does.</summary>
/// <param name="address">https://name:port.</param>
/// <param name="clock">The coordinator's; null: the system's.</param>
internal sealed class CoordinatorChannels(string address, string caPem, TimeProvider? clock) : IDisposable
{
    private readonly Lock _gate = new();
    private readonly List<GrpcChannel> _channels = [];

    /// <summary>Checks the chain, the name and the dates of the server's certificate.</summary>
    public SocketsHttpHandler NewHandler()
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            CustomTrustStore = { X509Certificate2.CreateFromPem(caPem) },
        };
        if (clock is FakeTimeProvider fake)
        {
            // Its time has nothing to do with today's. With a shifted clock, certificates must be valid by clocks that are right.
            policy.VerificationTime = fake.GetUtcNow().UtcDateTime;
        }

        return new SocketsHttpHandler { SslOptions = new SslClientAuthenticationOptions { CertificateChainPolicy = policy } };
    }

    /// <summary>A connection without identity, with a client certificate, or with a bearer token.</summary>
    /// <param name="from">An address of this machine; null: any.</param>
    public GrpcChannel Connect(X509Certificate2? certificate, IPAddress? from, string? bearerToken)
    {
        var handler = NewHandler();
        handler.EnableMultipleHttp2Connections = true;
        if (from is not null)
        {
            handler.ConnectCallback = async (context, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                socket.Bind(new IPEndPoint(from, 0));
                await socket.ConnectAsync(context.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            };
        }

        if (certificate is not null)
        {
            handler.SslOptions.ClientCertificates = [certificate];
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        }

        var options = new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true };
        if (bearerToken is not null)
        {
            options.Credentials = ChannelCredentials.Create(
                ChannelCredentials.SecureSsl,
                CallCredentials.FromInterceptor((_, metadata) =>
                {
                    metadata.Add("authorization", $"Bearer {bearerToken}");
                    return Task.CompletedTask;
                }));
        }

        var channel = GrpcChannel.ForAddress(address, options);
        lock (_gate)
        {
            _channels.Add(channel);
        }

        return channel;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _channels.ForEach(static channel => channel.Dispose());
            _channels.Clear();
        }
    }
}
