using System.Security.Cryptography;
using System.Text;
using Fleet.Agent.Storage;

namespace Fleet.Agent.Enrolment;

/// <summary>
/// Key and request id of an enrolment whose answer has not arrived, so that the same command given again is the same request:
/// an answer that was lost costs neither a use of the token nor the name.
/// </summary>
internal sealed class PendingEnrolment(string stateDirectory)
{
    private readonly string _path = Path.Join(stateDirectory, "enrolment.pending");

    public (ECDsa Key, string RequestId) LoadOrCreate(JoinToken token, string name)
    {
        var mark = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{token.Secret}\n{name}")));
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (DurableFile.ReadIfExists(_path) is { } content
            && Encoding.UTF8.GetString(content).Split('\n', 3) is [var knownMark, var requestId, var pem]
            && knownMark == mark)
        {
            try
            {
                key.ImportFromPem(pem);
                return (key, requestId);
            }
            catch (Exception e) when (e is ArgumentException or CryptographicException)
            {
                // Half written or damaged: a new request, then.
            }
        }

        var newId = Guid.NewGuid().ToString();
        DurableFile.WriteText(_path, $"{mark}\n{newId}\n{key.ExportPkcs8PrivateKeyPem()}\n");
        return (key, newId);
    }

    public void Delete() => File.Delete(_path);
}
