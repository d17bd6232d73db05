using System.Security.Cryptography.X509Certificates;
using Fleet.Testing;

namespace Fleet.Coordinator.Tests.Identity;

/// <summary>Client certificates of an authority that calls itself like ours.</summary>
internal static class ForeignCertificates
{
    public static X509Certificate2 Make(Uri identity)
    {
        var now = TimeProvider.System.GetUtcNow();
        return new TestAuthority("fleet certificate authority").ClientCertificate(identity, now.AddHours(-1), now.AddDays(90));
    }
}
