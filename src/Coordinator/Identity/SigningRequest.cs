using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fleet.Coordinator.Errors;
using Grpc.Core;

namespace Fleet.Coordinator.Identity;

/// <summary>
/// Reads certificate signing requests (PKCS #10, RFC 2986). Only the key is taken from them: the coordinator decides the names.
/// </summary>
internal static class SigningRequest
{
    private const int MaxChars = 16 * 1024;
    private const string EcPublicKey = "1.2.840.10045.2.1";
    private const string P256 = "1.2.840.10045.3.1.7";

    /// <summary>The key, if the request is signed with it and it is of the one kind that Fleet uses.</summary>
    /// <exception cref="RpcException">INVALID_ARGUMENT, naming what is wrong with csr_pem.</exception>
    public static PublicKey ReadKey(string pem)
    {
        if (pem.Length is 0 or > MaxChars)
        {
            throw Invalid(pem.Length == 0 ? "is missing" : "is longer than 16 KiB");
        }

        try
        {
            // Checks the signature, which proves that the sender holds the key.
            var request = CertificateRequest.LoadSigningRequestPem(pem, HashAlgorithmName.SHA256);
            var key = request.PublicKey;
            if (key.Oid.Value != EcPublicKey)
            {
                throw Invalid("holds a key that is not of an elliptic curve");
            }

            using var ecdsa = key.GetECDsaPublicKey();
            if (ecdsa?.ExportParameters(false).Curve.Oid.Value != P256)
            {
                throw Invalid("holds a key that is not on the curve P-256");
            }

            return key;
        }
        catch (Exception exception) when (exception is CryptographicException or ArgumentException or NotSupportedException)
        {
            throw Invalid("is not a PKCS #10 request signed by its own key");
        }
    }

    /// <summary>SHA-256 of the SubjectPublicKeyInfo.</summary>
    public static byte[] HashOf(PublicKey key) => SHA256.HashData(key.ExportSubjectPublicKeyInfo());

    private static RpcException Invalid(string message) => FleetError.InvalidArgument(
        "csr_pem", message, "Send a PEM certificate signing request for an ECDSA P-256 key, signed with SHA-256.");
}
