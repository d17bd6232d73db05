using System.Globalization;
using Fleet.Agent.Logging;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Guard;

/// <summary>
/// How an action wants to reach another host. Fields as in <see cref="SshRemote"/> and <see cref="RsyncDaemonRemote"/>; empty, 0: not
/// named.
/// </summary>
internal sealed record RemoteAccess(string Host, string User, int Port, string IdentityFile, string PasswordFile)
{
    public static RemoteAccess Of(SshRemote ssh) => new(ssh.Host, ssh.User, ssh.Port, ssh.IdentityFile, "");

    public static RemoteAccess Of(RsyncEndpoint endpoint) => endpoint.Daemon is { } daemon
        ? new(daemon.Host, daemon.User, daemon.Port, "", daemon.PasswordFile)
        : Of(endpoint.Ssh);

    /// <summary>Safe to log.</summary>
    public override string ToString()
    {
        var port = Port != 0 ? string.Create(CultureInfo.InvariantCulture, $":{Port}") : "";
        var key = IdentityFile.Length > 0
            ? $" with identity_file {IdentityFile}"
            : PasswordFile.Length > 0
            ? $" with password_file {PasswordFile}"
            : "";
        var host = port.Length > 0 && Host.Contains(':') ? $"[{Host}]" : Host;
        var rest = key.Length > 0 ? key : User.Length + port.Length == 0 ? " without user, port and key" : "";
        return LogText.Escape($"{(User.Length > 0 ? $"{User}@" : "")}{host}{port}{rest}");
    }
}
