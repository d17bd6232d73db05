using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Grpc.Net.Client;

namespace Fleet.Agent.Identity;

/// <summary>Channels to a coordinator. Trust is in one authority, never in the system's.</summary>
internal static class CoordinatorChannel
{
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    /// <summary>A channel that accepts only certificates of <paramref name="authority"/> for the address's name.</summary>
    /// <param name="identity">The host's certificate with its key; null before enrolment.</param>
    public static GrpcChannel Pinned(Uri address, X509Certificate2 authority, X509Certificate2? identity) =>
        Open(address, identity, (_, certificate, _, errors) =>
            (errors & (SslPolicyErrors.RemoteCertificateNameMismatch | SslPolicyErrors.RemoteCertificateNotAvailable)) == 0
            && certificate is X509Certificate2 leaf
            && IsSignedBy(leaf, authority));

    /// <summary>
    /// A channel that accepts any certificate: only to fetch the authority, which is then compared with the token's hash.
    /// Nothing secret may be sent over it.
    /// </summary>
    [SuppressMessage("Security", "CA5359", Justification = "The answer is compared with the hash in the join token before anything is sent.")]
    public static GrpcChannel Unverified(Uri address) => Open(address, identity: null, (_, _, _, _) => true);

    private static bool IsSignedBy(X509Certificate2 leaf, X509Certificate2 authority)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        return chain.Build(leaf);
    }

    private static GrpcChannel Open(Uri address, X509Certificate2? identity, RemoteCertificateValidationCallback validate)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = ConnectTimeout,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            KeepAlivePingDelay = TimeSpan.FromSeconds(10),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(10),
            UseProxy = false,
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = validate,
                LocalCertificateSelectionCallback = identity is null ? null : (_, _, _, _, _) => identity,
            },
        };
        return GrpcChannel.ForAddress(address, new GrpcChannelOptions { HttpHandler = handler, DisposeHttpClient = true });
    }
}
