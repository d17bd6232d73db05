using System.Security.Cryptography.X509Certificates;

namespace Fleet.Coordinator.Identity;

/// <summary>What the TLS listener presents, and whom it admits.</summary>
internal interface ITlsIdentity
{
    /// <summary>The server's certificate with its key. Read at each handshake, so that a renewed one is used at once.</summary>
    X509Certificate2 ServerCertificate { get; }

    /// <summary>
    /// Whether a handshake with this client certificate may continue. A certificate that is not sufficient for an identity is
    /// better admitted here and refused by the interceptor, which can say why.
    /// </summary>
    bool AcceptsHandshake(X509Certificate2 certificate);
}
