using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace Fleet.Agent.Identity;

/// <summary>
/// The identity/ folder of the state directory: <c>identity.pem</c> (private key and certificate together, so that a renewal
/// replaces both in one rename), <c>ca.pem</c> and <c>host.json</c>.
/// </summary>
internal sealed class IdentityStore(string stateDirectory)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerOnlyFolder = OwnerOnly | UnixFileMode.UserExecute;

    public string Folder { get; } = Path.Join(stateDirectory, "identity");

    private string IdentityPath => Path.Join(Folder, "identity.pem");

    private string AuthorityPath => Path.Join(Folder, "ca.pem");

    private string RecordPath => Path.Join(Folder, "host.json");

    /// <summary>Whether this host is enrolled. host.json is written last, so it stands for all.</summary>
    public bool Exists => File.Exists(RecordPath);

    /// <returns>Null when this host is not enrolled.</returns>
    /// <exception cref="InvalidDataException">The files are there but cannot be used; the message names the file and what to do.</exception>
    public HostIdentity? Read()
    {
        if (!Exists)
        {
            return null;
        }

        var reading = RecordPath;
        try
        {
            var record = JsonSerializer.Deserialize(File.ReadAllBytes(RecordPath), HostRecordJson.Default.HostRecord)
                ?? throw new JsonException("empty");
            reading = IdentityPath;
            var pem = File.ReadAllText(IdentityPath);
            var certificate = X509Certificate2.CreateFromPem(pem, pem);
            reading = AuthorityPath;
            var authority = X509Certificate2.CreateFromPem(File.ReadAllText(AuthorityPath));
            return new HostIdentity(record.HostId, record.HostName, [.. record.Coordinators.Select(c => new Uri(c))], certificate, authority);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or CryptographicException or UriFormatException or ArgumentException)
        {
            throw new InvalidDataException(
                $"{reading} cannot be used: {e.Message} Put {Folder} back from a copy, or enrol anew with `fleet-agent enroll --force`.", e);
        }
    }

    public void Write(HostIdentity identity)
    {
        Directory.CreateDirectory(stateDirectory, OwnerOnlyFolder);
        Directory.CreateDirectory(Folder, OwnerOnlyFolder);
        using var key = identity.Certificate.GetECDsaPrivateKey()
            ?? throw new InvalidOperationException("the identity has no ECDSA key");
        DurableFile.Replace(
            IdentityPath,
            Encoding.ASCII.GetBytes($"{key.ExportPkcs8PrivateKeyPem()}\n{identity.Certificate.ExportCertificatePem()}\n"),
            OwnerOnly);
        DurableFile.Replace(AuthorityPath, Encoding.ASCII.GetBytes(identity.Authority.ExportCertificatePem() + "\n"), OwnerOnly);
        var record = new HostRecord(identity.HostId, identity.HostName, [.. identity.Coordinators.Select(c => c.AbsoluteUri)]);
        DurableFile.Replace(RecordPath, JsonSerializer.SerializeToUtf8Bytes(record, HostRecordJson.Default.HostRecord), OwnerOnly);
    }
}
