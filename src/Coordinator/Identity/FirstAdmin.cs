using System.Net;
using System.Text.Json;
using Fleet.Coordinator.Configuration;
using Fleet.Coordinator.State.Identity;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Identity;

/// <summary>
/// Creates the operator "admin" at the first start and writes its credential to the state directory (mode 0600), where fleet on the
/// same machine finds it.
/// </summary>
internal sealed partial class FirstAdmin(
    FleetStore store,
    StateDirectory directory,
    CertificateAuthority authority,
    CoordinatorOptions options,
    ILogger<FirstAdmin> log) : IHostedService
{
    public const string FileName = "admin-credential.json";
    private const string Name = "admin";
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(3_650);

    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // "+" of PEM stays readable.
    };

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (await store.ReadAsync(OperatorStore.Any, cancellationToken))
        {
            return;
        }

        var credential = Credential.Create(Credential.OperatorPrefix);

        // The file is written first: after a crash in between, the next start makes another one, instead of leaving an admin without a
        // credential.
        var path = directory.FilePath(FileName);
        SecretFile.Write(path, JsonSerializer.Serialize(
            new Dictionary<string, string>
            {
                ["address"] = Address(),
                ["caCertificatePem"] = authority.CertificatePem,
                ["bearerToken"] = credential.Reveal(),
            },
            Format) + "\n");
        await store.WriteAsync(
            transaction => OperatorStore.Insert(transaction, new OperatorRow
            {
                Name = Name,
                Role = Role.Admin,
                CreatedAt = transaction.Now,
                ExpiresAt = transaction.Now + Lifetime,
                CreatedBy = "fleet-coordinator",
                Credential = CredentialKind.BearerToken,
                TokenId = credential.Id,
                SecretHash = credential.SecretHash,
            }),
            cancellationToken);
        Created(log, path);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private string Address()
    {
        var listen = options.Listen[0];
        var reachable =
            listen.Address.Equals(IPAddress.Any) || listen.Address.Equals(IPAddress.IPv6Any) || IPAddress.IsLoopback(listen.Address);
        return reachable ? $"https://localhost:{listen.Port}" : $"https://{listen}";
    }
}
