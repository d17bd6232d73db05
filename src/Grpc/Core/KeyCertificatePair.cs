namespace Grpc.Core;

/// <summary>A certificate chain with its private key.</summary>
/// <param name="certificateChain">PEM.</param>
/// <param name="privateKey">PEM.</param>
public sealed class KeyCertificatePair(string certificateChain, string privateKey)
{
    public string CertificateChain { get; } = certificateChain ?? throw new ArgumentNullException(nameof(certificateChain));

    public string PrivateKey { get; } = privateKey ?? throw new ArgumentNullException(nameof(privateKey));
}
