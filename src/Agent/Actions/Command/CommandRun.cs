using Fleet.Agent.Logging;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Command;

/// <summary>
/// The action "command": a program that the host's guard file lists, with an argument vector and no shell. The guard has looked
/// at the program by the time this runs.
/// </summary>
internal sealed class CommandRun : IAction
{
    // Linux: MAX_ARG_STRLEN, 32 pages (execve(2)).
    private const int MaxArgumentBytes = 128 * 1024;

    public Protocol.V1.Action.KindOneofCase Kind => Protocol.V1.Action.KindOneofCase.Command;

    public Task<ActionResult> RunAsync(ActionContext context, CancellationToken cancellationToken) =>
        RunAsync(context, context.Action.Command, context.Timeout, cancellationToken);

    /// <summary>For commands that are part of another action. The guard has looked at them as well.</summary>
    public static async Task<ActionResult> RunAsync(
        ActionContext context, CommandAction command, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (Problem(command) is { } problem)
        {
            return ToolOutcome.Failed(problem);
        }

        var folder = command.WorkingDirectory is "" or "/"
            ? null
            : context.Guard.WorkingFolders.FirstOrDefault(f => f.Name == command.WorkingDirectory).Folder;
        if (command.WorkingDirectory is not ("" or "/") && folder is not { Opened.IsFolder: true })
        {
            return ToolOutcome.Failed($"the working directory {LogText.Escape(command.WorkingDirectory)} "
                + $"{(folder is { Opened: not null } ? "is not a folder" : "does not exist")}");
        }

        var environment = new Dictionary<string, string>(command.Environment);
        if (!environment.ContainsKey("LANG") && !environment.ContainsKey("LC_ALL"))
        {
            environment["LANG"] = "C.UTF-8";
            environment["LC_ALL"] = "C.UTF-8";
        }

        var output = new CommandOutput(context.Log);
        var tool = await context.Tools.RunAsync(
            new ToolRequest
            {
                Program = command.Program,
                Arguments = [.. command.Arguments.Select(a => (ToolArgument)a)],
                Environment = environment,
                WorkingDirectory = folder?.Opened?.ProcPath ?? "/",
                Timeout = timeout,
            },
            output,
            cancellationToken);

        var result = ToolOutcome.ToResult(tool);
        if (tool.End == ToolEnd.Exited && tool.ExitCode is { } exitCode && exitCode != 0)
        {
            if (command.SuccessExitCodes.Contains(exitCode))
            {
                (result.Outcome, result.Message) = (ActionOutcome.Succeeded, $"{tool.Name} succeeded with exit code {exitCode}");
            }
            else
            {
                // Only the program's author knows which of its failures pass by themselves.
                result.Retryable = true;
                if (output.LastError is { } error)
                {
                    result.Details.Add(error);
                    result.DetailsTotal = 1;
                }
            }
        }

        return result;
    }

    private static string? Problem(CommandAction command)
    {
        if (!command.Program.StartsWith('/') || command.Program.Contains('\0'))
        {
            return "the program must be an absolute path";
        }

        if (command.WorkingDirectory.Length > 0 && !command.WorkingDirectory.StartsWith('/'))
        {
            return "the working directory must be an absolute path";
        }

        if (command.Environment.Any(e => e.Key.Length == 0 || e.Key.Contains('=') || e.Key.Contains('\0') || e.Value.Contains('\0')))
        {
            return "the environment contains a name that is empty or contains '=' or NUL";
        }

        return command.Arguments.Any(a => System.Text.Encoding.UTF8.GetByteCount(a) >= MaxArgumentBytes)
            ? "an argument is longer than 128 KiB"
            : null;
    }
}
