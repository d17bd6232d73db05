using System.Security.Cryptography.X509Certificates;

namespace Fleet.Coordinator.Identity;

/// <summary>What the TLS listener shows, and whom it lets in.</summary>
internal interface ITlsIdentity
{
    /// <summary>The server's certificate with its key. Asked for at each handshake, so that a renewed one is used at once.</summary>
    X509Certificate2 ServerCertificate { get; }

    /// <summary>
    /// Whether a handshake with this client certificate goes on. A certificate that is not good enough for an identity is
    /// better let in and refused by the interceptor, which can say why.
    /// </summary>
    bool AcceptsHandshake(X509Certificate2 certificate);
}
