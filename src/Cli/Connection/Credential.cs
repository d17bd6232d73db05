using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Fleet.Cli.Outcomes;
using Fleet.Protocol.Addresses;

namespace Fleet.Cli.Connection;

/// <summary>
/// Where the coordinator is, which certificate authority speaks for it, and who we are: a bearer token or a client
/// certificate. As JSON: <c>address</c>, <c>caCertificatePem</c>, and <c>bearerToken</c> or
/// <c>clientCertificatePem</c> with <c>clientKeyPem</c>.
/// </summary>
internal sealed record Credential
{
    public required Uri Address { get; init; }

    public required string CaCertificatePem { get; init; }

    public string BearerToken { get; init; } = "";

    public string ClientCertificatePem { get; init; } = "";

    public string ClientKeyPem { get; init; } = "";

    /// <summary>The file it was read from.</summary>
    public string File { get; init; } = "";

    /// <summary>A warning for a person, such as loose file permissions. Empty if there is none.</summary>
    public string Warning { get; init; } = "";

    public X509Certificate2 CaCertificate() => X509Certificate2.CreateFromPem(CaCertificatePem);

    /// <summary>Null if the credential is a bearer token.</summary>
    public X509Certificate2? ClientCertificate()
    {
        if (ClientCertificatePem.Length == 0)
        {
            return null;
        }

        // Some TLS stacks cannot use a key loaded from PEM until it has been through PKCS #12.
        using var certificate = X509Certificate2.CreateFromPem(ClientCertificatePem, ClientKeyPem);
        return X509CertificateLoader.LoadPkcs12(certificate.Export(X509ContentType.Pkcs12), null);
    }

    public static Outcome<Credential> Parse(ReadOnlyMemory<byte> json, string file)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                return Damaged("it is not a JSON object");
            }

            var root = document.RootElement;
            if (!CoordinatorAddress.TryParse(Text(root, "address"), out var address, out var problem))
            {
                return Damaged($"address: {problem}");
            }

            var credential = new Credential
            {
                Address = new Uri(address),
                CaCertificatePem = Text(root, "caCertificatePem"),
                BearerToken = Text(root, "bearerToken"),
                ClientCertificatePem = Text(root, "clientCertificatePem"),
                ClientKeyPem = Text(root, "clientKeyPem"),
                File = file,
            };
            using var ca = credential.CaCertificate();
            using var client = credential.ClientCertificate();
            return client is null && credential.BearerToken.Length == 0
                ? Damaged("it has neither bearerToken nor clientCertificatePem")
                : credential;
        }
        catch (JsonException e)
        {
            return Damaged($"it is not JSON: line {e.LineNumber + 1}");
        }
        catch (CryptographicException)
        {
            return Damaged("its certificate or key is not valid PEM");
        }

        CliFailure Damaged(string why) => new(ExitCode.NotPermitted, $"{file}: cannot be used as a credential: {why}",
            "ask an admin for a new one (fleet operator create NAME --role ROLE --output FILE)");
    }

    public byte[] ToJson()
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            // Always with the port: an address without one means 7443, and Uri leaves out 443.
            writer.WriteString("address", $"https://{Address.Host}:{Address.Port}");
            writer.WriteString("caCertificatePem", CaCertificatePem);
            if (BearerToken.Length > 0)
            {
                writer.WriteString("bearerToken", BearerToken);
            }

            if (ClientCertificatePem.Length > 0)
            {
                writer.WriteString("clientCertificatePem", ClientCertificatePem);
                writer.WriteString("clientKeyPem", ClientKeyPem);
            }

            writer.WriteEndObject();
        }

        return [.. buffer.ToArray(), (byte)'\n'];
    }

    /// <summary>Secrets stay out of anything that is printed.</summary>
    public override string ToString() => $"Credential of {File} for {Address}";

    private static string Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
