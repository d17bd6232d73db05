using System.Globalization;
using Fleet.Agent.Ssh;
using Fleet.Yaml;

namespace Fleet.Agent.Guard;

/// <summary>
/// The lists of other hosts: <c>remotes</c> of <c>rsync</c> and of <c>replication</c>, and <c>remote_mirrors</c>. An entry is a text,
/// <c>[USER@]HOST[:PORT]</c>, or a mapping of the same fields and more.
/// </summary>
internal static class RemoteRuleReader
{
    private const long DefaultMaxDelete = 10_000; // as RsyncAction.max_delete

    /// <summary>
    /// Hosts that may be reached, and with which keys: those of the entry, or of the list <c>keys</c> beside it where the entry names none.
    /// </summary>
    public static IReadOnlyList<RemoteRule> Remotes(YamlMapping section, string name, IReadOnlyList<string> keys) =>
        [.. section.TextsAndMappings("remotes").Select(
            (entry, i) => Read(section, $"remotes[{i}]", $"{name}.remotes", entry, m => Files(m, keys), keys))];

    /// <summary>Hosts on which rsync may also delete. With which keys it gets there is up to <c>remotes</c>.</summary>
    public static IReadOnlyList<RemoteRule> Mirrors(YamlMapping section, string name) =>
        [.. section.TextsAndMappings("remote_mirrors").Select(
            (entry, i) => Read(section, $"remote_mirrors[{i}]", $"{name}.remote_mirrors", entry, MaxDelete, []))];

    /// <summary>Key and password files of other hosts that entries without one of their own may be reached with.</summary>
    public static IReadOnlyList<string> Keys(YamlMapping section)
    {
        var keys = section.Strings("keys");
        for (var i = 0; i < keys.Count; i++)
        {
            CheckFile(section, $"keys[{i}]", keys[i]);
        }

        return keys;
    }

    private static RemoteRule Read(
        YamlMapping section, string key, string list, (string? Text, YamlMapping? Mapping) entry, Func<YamlMapping, RemoteRule> more,
        IReadOnlyList<string> keys)
    {
        var (host, user, port) = entry.Mapping is { } fields
            ? (fields.RequiredString("host"), fields.String("user") ?? "", (int)(fields.Integer("port", 1, 65535) ?? 0))
            : Parts(entry.Text ?? "");
        if (RemoteFields.Problem("entry", host.Length == 0 ? "-" : host, user, port, "") is { } problem
            && (entry.Mapping is null || host.Length > 0))
        {
            section.Problem(key, entry.Mapping is null ? $"must be HOST, USER@HOST or USER@HOST:PORT: {problem}" : problem);
        }

        var rule = entry.Mapping is { } mapping
            ? more(mapping)
            : new RemoteRule(host, user, port, ["", .. keys], ["", .. keys], DefaultMaxDelete, "");
        entry.Mapping?.RefuseUnknown();
        rule = rule with { Host = host, User = user, Port = port };
        var with = new RemoteAccess(
            host, user, port, rule.IdentityFiles is [var identity] ? identity : "", rule.PasswordFiles is [var password] ? password : "");
        return rule with { Text = GuardRules.Text(section, key, $"{list}: {(entry.Mapping is null ? entry.Text : with)}") };
    }

    private static RemoteRule Files(YamlMapping entry, IReadOnlyList<string> keys)
    {
        var (identity, password) = (entry.String("identity_file"), entry.String("password_file"));
        CheckFile(entry, "identity_file", identity);
        CheckFile(entry, "password_file", password);

        // Where one is named, nothing else will do: without it, ssh would take keys that may do more there.
        return new RemoteRule(
            "", "", 0, identity is null ? ["", .. keys] : [identity], password is null ? ["", .. keys] : [password], DefaultMaxDelete, "");
    }

    private static RemoteRule MaxDelete(YamlMapping entry) =>
        new("", "", 0, [""], [""], entry.Integer("max_delete", 0, int.MaxValue) ?? DefaultMaxDelete, "");

    private static void CheckFile(YamlMapping mapping, string key, string? file)
    {
        if (file is not null && (file.Length == 0 || RemoteFields.Problem("entry", "host", "", 0, file) is not null))
        {
            mapping.Problem(key, "must be an absolute path of letters, digits and '/._-+@:,='");
        }
    }

    /// <summary>IPv6 addresses hold colons: with a port they stand in brackets.</summary>
    private static (string Host, string User, int Port) Parts(string text)
    {
        var at = text.LastIndexOf('@');
        var (user, host) = (text[..Math.Max(0, at)], text[(at + 1)..]);
        if (at == 0)
        {
            return ("", "", 0);
        }

        var bracket = host.StartsWith('[') ? host.IndexOf(']') : -1;
        var colon = bracket > 0
            ? (host.Length > bracket + 1 && host[bracket + 1] == ':' ? bracket + 1 : -1)
            : host.Count(c => c == ':') == 1
            ? host.IndexOf(':')
            : -1;
        var port = 0;
        if (colon >= 0
            && (!int.TryParse(host[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65535))
        {
            return ("", "", 0);
        }

        return (bracket > 0 ? host[1..bracket] : colon >= 0 ? host[..colon] : host, user, port);
    }
}
