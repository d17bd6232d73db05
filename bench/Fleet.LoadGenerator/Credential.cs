using System.Security.Cryptography.X509Certificates;
using System.Text.Json;

namespace Fleet.LoadGenerator;

/// <summary>The first admin's credential, as the coordinator writes it at its first start.</summary>
internal sealed record Credential(Uri Address, X509Certificate2 Authority, string BearerToken)
{
    public static Credential Read(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(path));
        var root = document.RootElement;
        return new Credential(
            new Uri(root.GetProperty("address").GetString()!),
            X509Certificate2.CreateFromPem(root.GetProperty("caCertificatePem").GetString()!),
            root.GetProperty("bearerToken").GetString()!);
    }
}
