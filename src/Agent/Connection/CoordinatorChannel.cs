using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Fleet.Protocol.Compression;
using Grpc.Net.Client;

namespace Fleet.Agent.Connection;

/// <summary>Connections to a coordinator.</summary>
internal static class CoordinatorChannel
{
    /// <summary>Largest message that is read, bytes, and largest that a compressed one unpacks to. The coordinator reads as much.</summary>
    private const int MaxMessageBytes = 4 * 1024 * 1024;

    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    /// <summary>
    /// A channel answers for a connection that failed until it tries again. Those who call have pauses of their own, so it may not grow its
    /// pause.
    /// </summary>
    private static readonly TimeSpan LongestReconnectPause = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The peer must show a certificate of this authority for the host that was dialled; the system's authorities do not count.
    /// </summary>
    public static GrpcChannel Pinned(string address, X509Certificate2 authority, X509Certificate2? certificate)
    {
        var tls = new SslClientAuthenticationOptions
        {
            RemoteCertificateValidationCallback = (_, peer, _, errors) =>
                peer is X509Certificate2 shown
                && (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) == SslPolicyErrors.None
                && (IsSignedBy(shown, authority) || RefuseByClock(shown)),
        };
        if (certificate is not null)
        {
            tls.ClientCertificates = [certificate];
            tls.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        }

        return Create(address, tls);
    }

    /// <summary>For asking for the authority's certificate only, which is then compared with the hash in the join token.</summary>
    [SuppressMessage(
        "Security", "CA5359", Justification = "The answer is compared with a hash that came by another way, and nothing secret is sent.")]
    public static GrpcChannel Unverified(string address) =>
        Create(address, new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = static (_, _, _, _) => true });

    /// <summary>True if the certificate is of this authority, and valid now.</summary>
    public static bool IsSignedBy(X509Certificate2 certificate, X509Certificate2 authority)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        return chain.Build(certificate);
    }

    /// <summary>False if the clock has nothing to do with it.</summary>
    /// <exception cref="AuthenticationException">The certificate is not valid now, which may be this host's clock.</exception>
    private static bool RefuseByClock(X509Certificate2 certificate)
    {
        DateTime from = certificate.NotBefore.ToUniversalTime(), to = certificate.NotAfter.ToUniversalTime(),
        now = TimeProvider.System.GetUtcNow().UtcDateTime;
        return now >= from && now <= to ? false : throw new AuthenticationException(string.Create(
            CultureInfo.InvariantCulture,
            $"the certificate shown is valid from {from:u} to {to:u}, and this host's clock says {now:u}: check whether the clock is "
                + $"right (timedatectl)"));
    }

    /// <summary>How calls travel, whatever is trusted. No service configuration, so that no call is tried again by itself.</summary>
    public static GrpcChannelOptions Options(SslClientAuthenticationOptions tls) => new()
    {
        HttpHandler = new SocketsHttpHandler
        {
            SslOptions = tls,
            ConnectTimeout = ConnectTimeout,
            UseProxy = false,

            // No pings: a session has its heartbeats and every other call a deadline, and looking for what to ping would wake the host
            // every 2.5 s. For the same reason idle connections are looked for seldom (a quarter of this); a channel lives no longer than
            // its session.
            KeepAlivePingDelay = Timeout.InfiniteTimeSpan,
            PooledConnectionIdleTimeout = TimeSpan.FromMinutes(20),
        },
        DisposeHttpClient = true,
        MaxReceiveMessageSize = MaxMessageBytes,
        CompressionProviders = [new BoundedGzip(MaxMessageBytes)],
        MaxReconnectBackoff = LongestReconnectPause,
    };

    private static GrpcChannel Create(string address, SslClientAuthenticationOptions tls) => GrpcChannel.ForAddress(address, Options(tls));
}
