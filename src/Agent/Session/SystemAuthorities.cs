using Fleet.Agent.Native;

namespace Fleet.Agent.Session;

/// <summary>
/// The certificate authorities that come with the system. The agent trusts the one of its fleet and no other, but the library reads
/// all of the system's for each connection, to look for intermediate certificates that there are none of: a megabyte of memory,
/// kept.
/// </summary>
internal static class SystemAuthorities
{
    /// <summary>
    /// Before the first connection, while nobody else reads the environment. .NET reads these two as OpenSSL does: see
    /// openssl-env(7). What a tool is started with is said for each tool, so none of them is without the system's authorities.
    /// </summary>
    public static void LeaveOut()
    {
        foreach (var name in new[] { "SSL_CERT_DIR", "SSL_CERT_FILE" })
        {
            _ = NativeMethods.setenv(name, "/nonexistent", overwrite: 1);
        }
    }
}
