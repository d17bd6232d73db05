using System.Text.RegularExpressions;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Actions;

/// <summary>Checks remote machines in actions.</summary>
internal static partial class RemoteFields
{
    public static void CheckRemote(this ActionFindings findings, string host, int port, string user, string path)
    {
        // A leading "-" would be read as an option by ssh(1) and rsync(1).
        if (!RemoteHostPattern().IsMatch(host))
        {
            findings.Refuse($"{path}.host", "is required: a host name or an address");
        }

        if (port is < 0 or > 65535)
        {
            findings.Refuse($"{path}.port", "must be 1 to 65535 (0: the default)");
        }

        if (user.Length > 0 && !UserPattern().IsMatch(user))
        {
            findings.Refuse($"{path}.user", "is not a user name");
        }
    }

    public static void CheckSsh(this ActionFindings findings, SshRemote? ssh, string path)
    {
        if (ssh is not null)
        {
            findings.CheckRemote(ssh.Host, ssh.Port, ssh.User, path);
            findings.RefuseRelativeFile(ssh.IdentityFile, $"{path}.identity_file");
        }
    }

    [GeneratedRegex("^[A-Za-z0-9\\[_:.%][A-Za-z0-9\\[\\]_:.%-]{0,252}\\z")]
    private static partial Regex RemoteHostPattern();

    [GeneratedRegex("^[A-Za-z0-9_][A-Za-z0-9_.@$+-]{0,127}\\z")]
    private static partial Regex UserPattern();
}
