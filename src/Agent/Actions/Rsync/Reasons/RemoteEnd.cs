using Fleet.Agent.Logging;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Rsync.Reasons;

/// <summary>The other host of a transfer, for messages. Its texts are safe to show.</summary>
/// <param name="IsSource">False if it is the destination.</param>
/// <param name="Module">Empty for ssh.</param>
/// <param name="PasswordFile">Of a daemon; empty if there is none.</param>
/// <param name="Ssh">Null for a daemon.</param>
internal sealed record RemoteEnd(bool IsSource, string Host, string Module, string PasswordFile, SshRemote? Ssh)
{
    /// <summary>Null if both sides are on this host.</summary>
    public static RemoteEnd? Of(RsyncAction? action) =>
        action is null ? null : Of(action.Source, isSource: true) ?? Of(action.Destination, isSource: false);

    private static RemoteEnd? Of(RsyncEndpoint? endpoint, bool isSource) => endpoint?.RemoteCase switch
    {
        RsyncEndpoint.RemoteOneofCase.Ssh => new(isSource, LogText.Escape(endpoint.Ssh.Host), "", "", endpoint.Ssh),
        RsyncEndpoint.RemoteOneofCase.Daemon => new(
            isSource, LogText.Escape(endpoint.Daemon.Host), LogText.Escape(endpoint.Daemon.Module),
            LogText.Escape(endpoint.Daemon.PasswordFile), null),
        _ => null,
    };
}
