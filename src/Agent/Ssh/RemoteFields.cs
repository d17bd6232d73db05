using Fleet.Protocol.V1;

namespace Fleet.Agent.Ssh;

/// <summary>Checks how an action names another host: what passes cannot be taken for an option and needs no quotes. Pure.</summary>
internal static class RemoteFields
{
    /// <param name="side">"source", "target": for the message.</param>
    /// <returns>What is wrong, in one sentence; null if there is nothing.</returns>
    public static string? Problem(string side, SshRemote ssh) => Problem(side, ssh.Host, ssh.User, ssh.Port, ssh.IdentityFile);

    /// <inheritdoc cref="Problem(string, SshRemote)"/>
    public static string? Problem(string side, string host, string user, int port, string file)
    {
        if (!IsWord(host, "._-:%") || host[0] == '-')
        {
            return $"the {side}'s host must be a host name or an address";
        }

        if (user.Length > 0 && (!IsWord(user, "._-") || user[0] == '-'))
        {
            return $"the {side}'s user may hold letters, digits, '.', '_' and '-'";
        }

        if (port is < 0 or > 65535)
        {
            return $"the {side}'s port must be between 1 and 65535, or 0 for the default";
        }

        // rsync splits --rsh at white space and quotes.
        return file.Length > 0 && (file[0] != '/' || !IsWord(file, "/._-+@:,="))
            ? $"the {side}'s key or password file must be an absolute path of letters, digits and '/._-+@:,='"
            : null;
    }

    public static bool IsWord(string text, string punctuation) =>
        text.Length is > 0 and <= 4096 && text.All(c => char.IsAsciiLetterOrDigit(c) || punctuation.Contains(c));
}
