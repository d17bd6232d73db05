using System.Text;
using Fleet.Agent.Actions.Rsync;
using Fleet.Agent.Files;
using Fleet.Agent.Tools;

namespace Fleet.Agent.Actions.Restore;

/// <summary>Argument vectors of rsync(1) for a restore: everything that it can keep is kept, and nothing is ever deleted. Pure.</summary>
internal static class RestoreCommands
{
    /// <param name="source">A folder with a slash at its end, or something else.</param>
    /// <param name="destination">As <paramref name="source"/>.</param>
    /// <param name="overwrite">Something is there: contents are compared, since what was damaged can have its old size and time.</param>
    public static IReadOnlyList<ToolArgument> Copy(byte[] source, byte[] destination, bool overwrite, bool dryRun)
    {
        List<ToolArgument> arguments =
        [
            "-aHAX",
            "--numeric-ids",
            "--stats",
            "--no-human-readable",
            "--outbuf=L",
        ];
        if (!dryRun)
        {
            arguments.Add("--info=progress2");
        }

        if (overwrite)
        {
            arguments.Add("--checksum");
        }

        if (dryRun)
        {
            arguments.Add("--dry-run");
            arguments.Add($"--out-format={RsyncCommands.ChangePrefix}%i %l %n");
        }

        return [.. arguments, "--", new ToolArgument(source), new ToolArgument(destination)];
    }

    /// <summary>What is restored, as rsync takes it: a folder's content, or one entry of a folder.</summary>
    public static byte[] Path(OpenPath opened, ReadOnlySpan<byte> name) =>
        [.. Encoding.ASCII.GetBytes(opened.ProcPath), (byte)'/', .. name];
}
