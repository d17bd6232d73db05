using System.Globalization;
using System.Text.RegularExpressions;

namespace Fleet.Cli.Actions;

/// <summary>
/// Recognises places on other hosts in the notation of rsync's and ssh's command lines. A policy writes them as mappings, so that nothing
/// has to be guessed from a colon; these methods return the mapping that is meant.
/// </summary>
internal static partial class RemoteForms
{
    /// <summary>
    /// The mapping for a path such as <c>root@web1:/srv</c>, <c>rsync://nas/backup/web1</c> or <c>nas::backup</c>. Null if the text is just
    /// a path.
    /// </summary>
    public static string? OfPath(string text)
    {
        if (text.StartsWith('/'))
        {
            return null;
        }

        if ((DaemonUrl().Match(text) is { Success: true } url ? url : DaemonForm().Match(text)) is { Success: true } daemon)
        {
            var path = daemon.Groups["path"].Value.Trim('/');
            return Mapping(
                path.Length > 0 ? ("path", path) : default,
                ("daemon", Mapping(
                    ("host", Host(daemon)),
                    ("port", daemon.Groups["port"].Value),
                    ("module", daemon.Groups["module"].Value),
                    ("user", daemon.Groups["user"].Value))));
        }

        return (SshUrl().Match(text) is { Success: true } sshUrl ? sshUrl : SshForm().Match(text)) is { Success: true } ssh
            ? Mapping(("path", ssh.Groups["path"].Value), ("ssh", Ssh(ssh)))
            : null;
    }

    /// <summary>The mapping for a dataset such as <c>root@nas:tank/data</c>. Null if the text is just a dataset.</summary>
    public static string? OfDataset(string text) =>
        (SshUrl().Match(text) is { Success: true } url ? url : SshForm().Match(text)) is { Success: true } ssh
            ? Mapping(("dataset", ssh.Groups["path"].Value.TrimStart('/')), ("ssh", Ssh(ssh)))
            : null;

    /// <summary>
    /// The mapping with separate host, user and port for a host such as <c>root@web1</c> or <c>web1:2222</c>. Null if the text is just a
    /// host.
    /// </summary>
    public static string? OfHost(string text) =>
        HostForm().Match(text) is { Success: true } host && (host.Groups["user"].Length > 0 || host.Groups["port"].Length > 0)
            ? Ssh(host)
            : null;

    private static string Ssh(Match match) =>
        Mapping(("host", Host(match)), ("user", match.Groups["user"].Value), ("port", match.Groups["port"].Value));

    private static string Host(Match match) => match.Groups["host"].Value.Trim('[', ']');

    // On one line, so that a message can contain it and it can be copied from there.
    private static string Mapping(params ReadOnlySpan<(string Key, string Value)> entries)
    {
        var parts = new List<string>();
        foreach (var (key, value) in entries)
        {
            if (!string.IsNullOrEmpty(value))
            {
                parts.Add($"{key}: {(value.StartsWith('{') ? value : Scalar(value))}");
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"{{{string.Join(", ", parts)}}}");
    }

    private static string Scalar(string value) =>
        PlainScalar().IsMatch(value) ? value : $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";

    [GeneratedRegex(
        @"^rsync://(?:(?<user>[^@/\s]+)@)?(?<host>\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::(?<port>\d{1,5}))?/(?<module>[^/]+)(?<path>/.*)?\z",
        RegexOptions.Singleline)]
    private static partial Regex DaemonUrl();

    [GeneratedRegex(
        @"^(?:(?<user>[^@/:\s]+)@)?(?<host>\[[0-9A-Fa-f:.]+\]|[\w.-]+)::(?<port>)(?<module>[^/]+)(?<path>/.*)?\z", RegexOptions.Singleline)]
    private static partial Regex DaemonForm();

    [GeneratedRegex(
        @"^(?:ssh|sftp)://(?:(?<user>[^@/\s]+)@)?(?<host>\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::(?<port>\d{1,5}))?(?<path>/.*)\z",
        RegexOptions.Singleline)]
    private static partial Regex SshUrl();

    [GeneratedRegex(@"^(?:(?<user>[^@/:\s]+)@)?(?<host>\[[0-9A-Fa-f:.]+\]|[\w.-]+):(?<port>)(?<path>[^:].*)\z", RegexOptions.Singleline)]
    private static partial Regex SshForm();

    [GeneratedRegex(@"^(?:ssh://)?(?:(?<user>[^@/:\s]+)@)?(?<host>\[[0-9A-Fa-f:.]+\]|[\w.-]+)(?::(?<port>\d{1,5}))?/?\z")]
    private static partial Regex HostForm();

    [GeneratedRegex(@"^[\w/.][\w/.-]*\z")]
    private static partial Regex PlainScalar();
}
