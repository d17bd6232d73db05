using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Fleet.Agent.Storage;
using Fleet.Protocol.Edge;

namespace Fleet.Agent.Enrolment;

/// <summary>
/// The folder identity/ of the state directory: key.pem, certificate.pem, ca.pem, host.json. It is replaced as a whole by
/// renaming, so that key and certificate always belong together; a crash in between is put right when it is read.
/// </summary>
internal sealed class IdentityStore(string stateDirectory)
{
    private readonly string _current = Path.Join(stateDirectory, "identity");
    private readonly string _next = Path.Join(stateDirectory, "identity.next");
    private readonly string _previous = Path.Join(stateDirectory, "identity.previous");

    public bool Exists => File.Exists(Path.Join(_current, "host.json"));

    /// <summary>Changes whenever another identity is written.</summary>
    public DateTime Version
    {
        get
        {
            try
            {
                return File.GetLastWriteTimeUtc(Path.Join(_current, "certificate.pem"));
            }
            catch (IOException)
            {
                return default;
            }
        }
    }

    /// <summary>Null if not enrolled, or if <paramref name="problem"/> says what is wrong with the files.</summary>
    public HostIdentity? Load(out string problem)
    {
        problem = "";
        try
        {
            Recover();
            if (!Exists)
            {
                return null;
            }

            using var host = JsonDocument.Parse(File.ReadAllBytes(Path.Join(_current, "host.json")));
            using var fromPem = X509Certificate2.CreateFromPemFile(Path.Join(_current, "certificate.pem"), Path.Join(_current, "key.pem"));
            return new HostIdentity
            {
                HostId = HostId.TryRead(host.RootElement.GetProperty("host_id").GetString())
                    ?? throw new JsonException("host.json: host_id is not a UUID"),
                Name = host.RootElement.GetProperty("name").GetString() is { } name && WireNames.IsHost(name)
                    ? name
                    : throw new JsonException("host.json: name is not a host name"),
                Coordinators = host.RootElement.GetProperty("coordinators").EnumerateArray().Select(a => a.GetString() ?? "")
                    .ToList() is { Count: > 0 } addresses
                    && addresses.TrueForAll(IsAddress)
                    ? addresses : throw new JsonException("host.json: coordinators are no addresses"),
                // SslStream wants a key that was imported, not one that was attached.
                Certificate = X509CertificateLoader.LoadPkcs12(fromPem.Export(X509ContentType.Pkcs12), null),
                Authority = X509CertificateLoader.LoadCertificateFromFile(Path.Join(_current, "ca.pem")),
            };
        }
        catch (Exception e) when (
            e is IOException or UnauthorizedAccessException or CryptographicException or JsonException or KeyNotFoundException
                or InvalidOperationException or ArgumentException)
        {
            problem = $"the identity in {_current} cannot be read ({e.Message}): enrol again with --force";
            return null;
        }
    }

    /// <exception cref="IOException">The old identity, if there was one, is still in use.</exception>
    public void Save(string hostId, string name, IReadOnlyList<string> coordinators, ECDsa key, string certificatePem, string authorityPem)
    {
        DurableFile.CreateFolder(stateDirectory);
        File.SetUnixFileMode(stateDirectory, DurableFile.PrivateFolder);
        DeleteFolder(_next);
        Directory.CreateDirectory(_next, DurableFile.PrivateFolder);
        DurableFile.WriteText(Path.Join(_next, "key.pem"), key.ExportPkcs8PrivateKeyPem() + "\n");
        DurableFile.WriteText(Path.Join(_next, "certificate.pem"), certificatePem);
        DurableFile.WriteText(Path.Join(_next, "ca.pem"), authorityPem);

        // Last: with it the folder is complete, see Recover.
        DurableFile.WriteText(Path.Join(_next, "host.json"), HostJson(hostId, name, coordinators));
        if (Directory.Exists(_current))
        {
            DeleteFolder(_previous);
            Directory.Move(_current, _previous);
        }

        Directory.Move(_next, _current);
        DurableFile.SyncFolder(stateDirectory);
        DeleteFolder(_previous);
    }

    private static bool IsAddress(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme == Uri.UriSchemeHttps;

    private static string HostJson(string hostId, string name, IReadOnlyList<string> coordinators)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            writer.WriteStartObject();
            writer.WriteString("host_id", hostId);
            writer.WriteString("name", name);
            writer.WriteStartArray("coordinators");
            foreach (var address in coordinators)
            {
                writer.WriteStringValue(address);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    /// <summary>A crash between the two renames left no current folder.</summary>
    private void Recover()
    {
        if (Directory.Exists(_current))
        {
            return;
        }

        if (File.Exists(Path.Join(_next, "host.json")))
        {
            Directory.Move(_next, _current);
        }
        else if (Directory.Exists(_previous))
        {
            Directory.Move(_previous, _current);
        }
    }

    private static void DeleteFolder(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
    }
}
