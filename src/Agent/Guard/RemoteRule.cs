using Fleet.Agent.Logging;

namespace Fleet.Agent.Guard;

/// <summary>Another host, and as whom and with which keys this host may turn to it.</summary>
/// <param name="Host">Exactly as policies name it.</param>
/// <param name="User">Empty if none is named: ssh's configuration decides.</param>
/// <param name="Port">0: none is named.</param>
/// <param name="IdentityFiles">What may be named for ssh. An empty text: none.</param>
/// <param name="PasswordFiles">What may be named for an rsync daemon. An empty text: none.</param>
/// <param name="MaxDelete">Hosts on which rsync may delete: no mirror deletes more in one run.</param>
/// <param name="Text">The rule with file and line. Safe to log.</param>
internal sealed record RemoteRule(
    string Host, string User, int Port, IReadOnlyList<string> IdentityFiles, IReadOnlyList<string> PasswordFiles, long MaxDelete,
    string Text)
{
    public bool IsOf(string host) => Host.Equals(host, StringComparison.OrdinalIgnoreCase);

    public bool Allows(RemoteAccess access) =>
        IsOf(access.Host)
            && User == access.User
            && Port == access.Port
            && IdentityFiles.Contains(access.IdentityFile)
            && PasswordFiles.Contains(access.PasswordFile);

    /// <summary>Null if a rule allows it.</summary>
    /// <param name="file">The guard file.</param>
    /// <param name="list">The list that the rules are in.</param>
    /// <param name="rule">The one that allows it.</param>
    public static GuardDecision? Refusal(
        string file, IReadOnlyList<RemoteRule> rules, string list, RemoteAccess access, out RemoteRule? rule)
    {
        rule = rules.FirstOrDefault(r => r.Allows(access));
        return rule is not null ? null
            : rules.FirstOrDefault(r => r.IsOf(access.Host)) is { } nearest
                ? Refuse(nearest.Text,
                    $"{list} lists {LogText.Escape(access.Host)}, but not as {access}: change the entry in {file}, or add one")
                : Refuse($"{file}: {list}, default deny", $"{list} does not list {LogText.Escape(access.Host)}: add it to {file}");
    }

    private static GuardDecision Refuse(string rule, string message) => new() { Allowed = false, Rule = rule, Message = message };
}
