using System.Text;
using System.Text.RegularExpressions;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Actions;

/// <summary>Checks programs that are started: those of the action <c>command</c>, and those that run before and after a snapshot.</summary>
internal static partial class CommandFields
{
    /// <summary>MAX_ARG_STRLEN of Linux, in bytes: the limit for one argument of execve(2).</summary>
    private const int MaxArgumentBytes = 128 * 1024;

    public static void CheckCommand(this ActionFindings findings, CommandAction command, string path)
    {
        if (!command.Program.StartsWith('/'))
        {
            findings.Refuse($"{path}.program", "must be an absolute path; there is no shell and no search path");
        }

        findings.RefuseBadPath(Encoding.UTF8.GetBytes(command.Program), $"{path}.program");
        for (var i = 0; i < command.Arguments.Count; i++)
        {
            if (command.Arguments[i].Contains('\0') || Encoding.UTF8.GetByteCount(command.Arguments[i]) >= MaxArgumentBytes)
            {
                findings.Refuse($"{path}.arguments[{i}]", "an argument is shorter than 128 KiB and has no NUL");
            }
        }

        if (command.Arguments.Count > 1_000)
        {
            findings.Refuse($"{path}.arguments", "more than 1,000 arguments");
        }

        foreach (var (name, value) in command.Environment)
        {
            if (!EnvironmentPattern().IsMatch(name) || value.Contains('\0') || Encoding.UTF8.GetByteCount(value) >= MaxArgumentBytes)
            {
                findings.Refuse(
                    $"{path}.environment[\"{ActionFindings.Printable(name)}\"]",
                    "names are letters, digits and '_'; values are shorter than 128 KiB without NUL");
            }
        }

        findings.RefuseRelativeFile(command.WorkingDirectory, $"{path}.working_directory");
        for (var i = 0; i < command.SuccessExitCodes.Count; i++)
        {
            if (command.SuccessExitCodes[i] is < 0 or > 255)
            {
                findings.Refuse($"{path}.success_exit_codes[{i}]", "must be 0 to 255");
            }
        }
    }

    [GeneratedRegex("^[A-Za-z_][A-Za-z0-9_]{0,254}\\z")]
    private static partial Regex EnvironmentPattern();
}
