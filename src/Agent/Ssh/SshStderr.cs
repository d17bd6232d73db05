using System.Text.RegularExpressions;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Ssh;

/// <summary>
/// Reads what ssh(1) says when a connection cannot be established or is lost, as OpenSSH prints it in the C locale. The same for whatever
/// runs over it: rsync, zfs. A line that no recorded release prints gives no reason.
/// </summary>
internal sealed partial class SshStderr
{
    private string? _fingerprint, _keyType, _offending, _lost, _closed;
    private bool _fingerprintFollows;
    private Match? _changed, _unknown, _open, _notLoaded, _noFile, _denied, _noName, _noConnection, _nothingInCommon;

    /// <summary>Takes the next line.</summary>
    /// <param name="line">Safe to show.</param>
    /// <returns>Whether ssh is known to print it.</returns>
    public bool Add(string line)
    {
        if (_fingerprintFollows)
        {
            (_fingerprintFollows, _fingerprint) = (false, line.TrimEnd('.'));
            return true;
        }

        if (Sent().Match(line) is { Success: true } sent)
        {
            (_fingerprintFollows, _keyType) = (true, sent.Groups[1].Value);
            return true;
        }

        if (Offending().Match(line) is { Success: true } offending)
        {
            _offending = offending.Groups[1].Value;
            return true;
        }

        if (Lost().IsMatch(line))
        {
            _lost ??= line;
            return true;
        }

        if (Closed().IsMatch(line))
        {
            _closed ??= line;
            return true;
        }

        return Keep(ref _changed, Changed(), line) || Keep(ref _unknown, Unknown(), line) || Keep(ref _open, TooOpen(), line)
            || Keep(ref _noFile, NoFile(), line) || Keep(ref _notLoaded, NotLoaded(), line) || Keep(ref _denied, Denied(), line)
            || Keep(ref _noName, NoName(), line) || Keep(ref _noConnection, NoConnection(), line)
            || Keep(ref _nothingInCommon, NothingInCommon(), line) || Noise().IsMatch(line);
    }

    /// <summary>What the lines so far come to. Null if ssh printed nothing that is known.</summary>
    /// <param name="ssh">Whom it was to reach.</param>
    public FailureReason? Reason(SshRemote? ssh) =>
        _changed is not null ? HostKeyChanged(_changed.Groups[1].Value)
        : _unknown is not null ? new(
            FailureKind.HostKeyUnknown,
            $"ssh does not know the host key of {_unknown.Groups[2]}",
            "compare its fingerprint there (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then add the key to this host's "
                + "/etc/ssh/ssh_known_hosts or ~/.ssh/known_hosts")
        : _denied is not null ? NotLetIn(_denied, ssh)
        : _noName is not null ? new(
            FailureKind.NameUnknown,
            $"the name {_noName.Groups[1]} has no address ({_noName.Groups[2]})",
            Retryable: _noName.Groups[2].Value.StartsWith("Temporary", StringComparison.Ordinal))
        : _noConnection is not null ? new(
            FailureKind.NotReachable,
            $"{_noConnection.Groups[1]} cannot be reached on port {_noConnection.Groups[2]} ({_noConnection.Groups[3]})", Retryable: true)
        : _nothingInCommon is not null ? new(
            FailureKind.WrongPeer,
            $"this host's ssh and that of {_nothingInCommon.Groups[1]} cannot agree on an algorithm ({_nothingInCommon.Groups[2]})",
            "one of the two is too old, or configured too strictly")
        : _lost is not null ? new(FailureKind.ConnectionLost, $"the connection was lost ({_lost})", Retryable: true)
        : _closed is not null
            ? new(FailureKind.NotReachable, $"the other side closed the connection before ssh could begin ({_closed})", Retryable: true)
        : null;

    /// <summary>Reads all lines of a tool that ended.</summary>
    public static FailureReason? Parse(IEnumerable<string> lines, SshRemote ssh)
    {
        var reader = new SshStderr();
        foreach (var line in lines)
        {
            _ = reader.Add(line);
        }

        return reader.Reason(ssh);
    }

    private FailureReason HostKeyChanged(string host)
    {
        var (file, at) = _offending?.LastIndexOf(':') is > 0 and var colon
            ? (_offending[..colon], $" (line {_offending[(colon + 1)..]} of {_offending[..colon]})")
            : ("", "");
        return new(
            FailureKind.HostKeyChanged,
            $"the host key of {host} has changed, so nothing was sent: this may be an attack, or the host was reinstalled",
            $"on {host} itself, or by a route other than this network, check whether its {_keyType} key is {_fingerprint} (ssh-keygen -lf "
                + $"/etc/ssh/ssh_host_{_keyType?.ToLowerInvariant()}_key.pub); "
            + $"only if it is, remove the old one{at}: ssh-keygen{(file.Length > 0 ? $" -f \"{file}\"" : "")} -R \"{host}\", and add the "
                + $"new one (ssh-keyscan fetches it; compare again)");
    }

    private FailureReason NotLetIn(Match denied, SshRemote? ssh)
    {
        var file = ssh?.IdentityFile ?? "";
        return _open is not null ? new(
                FailureKind.KeyFileUnusable,
                $"ssh does not use the key file {_open.Groups[2]}, because others may read it (mode {_open.Groups[1]})",
                $"chmod 600 {_open.Groups[2]}")
            : _noFile is not null && (file.Length == 0 || _noFile.Groups[1].Value == file) ? new(
                FailureKind.KeyFileUnusable, $"the key file {_noFile.Groups[1]} cannot be read ({_noFile.Groups[2]})",
                "create it, or correct identity_file")
            : _notLoaded is not null ? new(
                FailureKind.KeyFileUnusable, $"the key file {_notLoaded.Groups[1]} cannot be used ({_notLoaded.Groups[2]})",
                "replace it with a private key made by ssh-keygen")
            : new(
                FailureKind.NotLetIn,
                $"{denied.Groups[1]} was denied access{(file.Length > 0 ? $" with the key {file}" : "")} ({denied.Groups[2]})",
                "its public half must be in authorized_keys of that account there, and the account must be open; the log of sshd there "
                    + "says which");
    }

    private static bool Keep(ref Match? kept, Regex wording, string line)
    {
        var match = wording.Match(line);
        kept ??= match.Success ? match : null;
        return match.Success;
    }

    [GeneratedRegex(@"^The fingerprint for the (\S+) key sent by the remote host is$")]
    private static partial Regex Sent();

    [GeneratedRegex(@"^Offending \S+ key in (.+:\d+)$")]
    private static partial Regex Offending();

    [GeneratedRegex(@"^Host key for (\S+) has changed and you have requested strict checking\.$")]
    private static partial Regex Changed();

    [GeneratedRegex(@"^No (\S+) host key is known for (\S+) and you have requested strict checking\.$")]
    private static partial Regex Unknown();

    [GeneratedRegex(@"^Permissions (\d+) for '(.+)' are too open\.$")]
    private static partial Regex TooOpen();

    [GeneratedRegex(@"^Warning: Identity file (.+) not accessible: (.+?)\.?$")]
    private static partial Regex NoFile();

    [GeneratedRegex("^Load key \"(.+)\": (.+)$")]
    private static partial Regex NotLoaded();

    [GeneratedRegex(@"^(\S+@\S+): Permission denied \((.+)\)\.$")]
    private static partial Regex Denied();

    [GeneratedRegex(@"^ssh: Could not resolve hostname (\S+): (.+)$")]
    private static partial Regex NoName();

    [GeneratedRegex(@"^ssh: connect to host (\S+) port (\d+): (.+)$")]
    private static partial Regex NoConnection();

    [GeneratedRegex(@"^Unable to negotiate with (\S+) port \d+: (.+)$")]
    private static partial Regex NothingInCommon();

    [GeneratedRegex(@"^(Connection to \S+ closed by remote host\.|Timeout, server \S+ not responding\.|client_loop: send disconnect: .+)$")]
    private static partial Regex Lost();

    [GeneratedRegex(@"^(kex_exchange_identification: .+|Connection (closed|reset) by \S+ port \d+)$")]
    private static partial Regex Closed();

    [GeneratedRegex("^(@+|@ .+@|Host key verification failed\\.|IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!|Someone could be "
        + "eavesdropping on you right now .+|It is also possible that a host key has just been changed\\."
        + "|Please contact your system administrator\\.|Add correct host key in .+ to get rid of this message\\.|  remove with:|  "
            + "ssh-keygen ?-f .+|It is required that your private key files are NOT accessible by others\\.|This private key will be "
                + "ignored\\.)$")]
    private static partial Regex Noise();
}
