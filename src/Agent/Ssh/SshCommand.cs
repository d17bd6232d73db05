using System.Globalization;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Ssh;

/// <summary>Argument vectors of ssh(1). Pure. The fields must have passed <see cref="RemoteFields"/>.</summary>
internal static class SshCommand
{
    public const int ConnectTimeoutSeconds = 30;

    /// <summary>What ssh exits with when the connection failed; the remote command may, too.</summary>
    public const int ConnectionFailed = 255;

    /// <summary>
    /// Without user and host: nothing is prompted for, an unknown host key is refused, a dead path is noticed within a minute.
    /// </summary>
    public static IReadOnlyList<string> Options(SshRemote ssh)
    {
        List<string> options =
        [
            "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=yes", "-o", string.Create(
                CultureInfo.InvariantCulture, $"ConnectTimeout={ConnectTimeoutSeconds}"),
            "-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=4",
        ];
        if (ssh.Port > 0)
        {
            options.AddRange(["-p", ssh.Port.ToString(CultureInfo.InvariantCulture)]);
        }

        if (ssh.IdentityFile.Length > 0)
        {
            options.AddRange(["-o", "IdentitiesOnly=yes", "-i", ssh.IdentityFile]);
        }

        return options;
    }

    /// <summary>
    /// ssh: runs a program on the other host. ssh joins the words with blanks and the shell there splits them again, so each is quoted for
    /// it; env(1) stands in front because that shell's PATH may lack where zfs is.
    /// </summary>
    public static IReadOnlyList<ToolArgument> Run(SshRemote ssh, string program, IEnumerable<ToolArgument> arguments) =>
        [.. Login(ssh), "env", "LC_ALL=C", "TZ=UTC", $"PATH={ToolRunner.SearchPath}", program, .. arguments.Select(Quoted)];

    /// <summary>ssh: runs true(1) there, which prints nothing where all is well.</summary>
    public static IReadOnlyList<ToolArgument> Probe(SshRemote ssh) => [.. Login(ssh), "true"];

    private static List<ToolArgument> Login(SshRemote ssh)
    {
        List<ToolArgument> words = [.. Options(ssh)];
        if (ssh.User.Length > 0)
        {
            words.AddRange(["-l", ssh.User]);
        }

        words.AddRange(["-T", "--", ssh.Host]);
        return words;
    }

    private static ToolArgument Quoted(ToolArgument argument)
    {
        List<byte> quoted = [(byte)'\''];
        foreach (var b in argument.Bytes)
        {
            // Inside single quotes only the quote itself means something: end them, a quoted quote, begin them again.
            quoted.AddRange(b == (byte)'\'' ? @"'\''"u8.ToArray() : [b]);
        }

        quoted.Add((byte)'\'');
        return new ToolArgument([.. quoted]);
    }
}
