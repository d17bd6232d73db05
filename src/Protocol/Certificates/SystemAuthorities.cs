using System.Runtime.InteropServices;

namespace Fleet.Protocol.Certificates;

/// <summary>
/// The certificate authorities that come with the system. Agent and CLI trust the authority of their fleet and no other, but the library
/// reads all of the system's for each connection, to look for intermediate certificates that there are none of: a megabyte of memory, kept,
/// and two fifths of the time of a command.
/// </summary>
public static partial class SystemAuthorities
{
    /// <summary>
    /// Before the first connection, while nobody else reads the environment. .NET reads these two as OpenSSL does: see
    /// openssl-env(7). What a tool is started with is said for each tool, so none of them is without the system's authorities.
    /// </summary>
    public static void LeaveOut()
    {
        foreach (var name in new[] { "SSL_CERT_DIR", "SSL_CERT_FILE" })
        {
            _ = setenv(name, "/nonexistent", overwrite: 1);
        }
    }

    /// <summary>setenv(3): what .NET's own method sets is not seen by the libraries of the process.</summary>
    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int setenv(string name, string value, int overwrite);
}
