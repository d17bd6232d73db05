using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace Fleet.Coordinator.Identity;

/// <summary>Whom a client certificate names, in its one URI SAN: "fleet://host/ID" or "fleet://operator/NAME".</summary>
internal sealed record CertificateIdentity(CallerKind Kind, string Id)
{
    private const string HostPrefix = "fleet://host/";
    private const string OperatorPrefix = "fleet://operator/";
    private const string SubjectAlternativeName = "2.5.29.17";

    public static Uri HostUri(string hostId) => new(HostPrefix + hostId);

    public static Uri OperatorUri(string name) => new(OperatorPrefix + name);

    /// <summary>Null if the certificate names nobody, or more than one.</summary>
    public static CertificateIdentity? Read(X509Certificate2 certificate)
    {
        CertificateIdentity? found = null;
        foreach (var uri in Uris(certificate))
        {
            if (found is not null || Parse(uri) is not { } identity)
            {
                return null;
            }

            found = identity;
        }

        return found;
    }

    private static CertificateIdentity? Parse(string uri)
    {
        if (uri.StartsWith(HostPrefix, StringComparison.Ordinal))
        {
            var id = uri[HostPrefix.Length..];
            return Guid.TryParseExact(id, "D", out _) ? new CertificateIdentity(CallerKind.Host, id) : null;
        }

        return uri.StartsWith(OperatorPrefix, StringComparison.Ordinal) && uri.Length > OperatorPrefix.Length
            ? new CertificateIdentity(CallerKind.Operator, uri[OperatorPrefix.Length..])
            : null;
    }

    /// <summary>GeneralName [6] uniformResourceIdentifier (RFC 5280, 4.2.1.6).</summary>
    private static List<string> Uris(X509Certificate2 certificate)
    {
        var uris = new List<string>();
        try
        {
            foreach (var extension in certificate.Extensions)
            {
                if (extension.Oid?.Value != SubjectAlternativeName)
                {
                    continue;
                }

                var names = new AsnReader(extension.RawData, AsnEncodingRules.DER).ReadSequence();
                var uriTag = new Asn1Tag(TagClass.ContextSpecific, 6);
                while (names.HasData)
                {
                    if (names.PeekTag().HasSameClassAndValue(uriTag))
                    {
                        uris.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, uriTag));
                    }
                    else
                    {
                        names.ReadEncodedValue();
                    }
                }
            }
        }
        catch (AsnContentException)
        {
            return [];
        }

        return uris;
    }
}
