using System.CommandLine;
using System.CommandLine.Help;
using Fleet.Cli.Admin;
using Fleet.Cli.Commands;
using Fleet.Cli.Completion;
using Fleet.Cli.Events;
using Fleet.Cli.Hosts;
using Fleet.Cli.Metrics;
using Fleet.Cli.Options;
using Fleet.Cli.Outcomes;
using Fleet.Cli.Output;
using Fleet.Cli.Policies;
using Fleet.Cli.ProcessEnvironment;
using Fleet.Cli.Restore;
using Fleet.Cli.Retention;
using Fleet.Cli.Runs;
using Fleet.Cli.Snapshots;
using Fleet.Cli.Status;

namespace Fleet.Cli.CommandLine;

/// <summary>The whole command line: one line per command.</summary>
internal static class FleetCommandLine
{
    public static RootCommand Create(CliEnvironment environment) => Create(new CommandActions(environment, new GlobalOptions()));

    private static RootCommand Create(CommandActions actions)
    {
        var options = actions.Options;
        var root = new RootCommand("Keeps a fleet of servers backed up, watched and provable. Start with: fleet status")
        {
            options.Address,
            options.Credential,
            options.Timeout,
            options.Json,
            StatusCommand.Create(actions),
            HostsCommand.Create(actions),
            HostCommand.Create(actions),
            TopCommand.Create(actions),
            MetricsCommand.Create(actions),
            PoliciesCommand.Create(actions),
            PolicyCommand.Create(actions),
            ApplyCommand.Create(actions),
            DeleteCommand.Create(actions),
            RunCommand.Create(actions),
            RunsCommand.Create(actions),
            LogsCommand.Create(actions),
            CancelCommand.Create(actions),
            SnapshotsCommand.Create(actions),
            SnapshotCommand.Create(actions),
            RestoreCommand.Create(actions),
            ProtectCommand.Create(actions, release: false),
            ProtectCommand.Create(actions, release: true),
            StorageCommand.Create(actions),
            RetentionCommand.Create(actions),
            EventsCommand.Create(actions),
            TokenCommand.Create(actions),
            OperatorCommand.Create(actions),
            ClockCommand.Create(actions),
            AuditCommand.Create(actions),
            WhoAmICommand.Create(actions),
            VersionCommand.Create(actions),
            CompletionCommand.Create(actions),
        };
        foreach (var builtIn in root.Options.Where(o => o is HelpOption or VersionOption).ToList())
        {
            root.Options.Remove(builtIn);
        }

        var help = new HelpOption("--help", "-h") { Description = "Show help." };
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
        root.Add(help);
        root.Add(
            new VersionOption("--version", "-V", "-v") { Description = "Show the version of this program.", Action = new PrintVersion() });
        root.Directives.Clear();
        root.Add(new SuggestDirective());
        return root;
    }

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CliEnvironment environment, CancellationToken cancellation)
    {
        var ours = Arguments.InOurWords(arguments);
        if (!ours.Succeeded)
        {
            return Refuse(ours.Failure, environment);
        }

        // An argument that begins with @ is an argument, not the name of a file with more of them.
        var actions = new CommandActions(environment, new GlobalOptions());
        var parsed = Create(actions).Parse(ours.Value, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is not SuggestDirective.Suggest and not PrintVersion
            && UsageErrors.Find(parsed, ours.Value, actions.Names.Kinds) is { } failure
            && (parsed.Action is not HelpWithExamples || parsed.UnmatchedTokens.Count > 0))
        {
            return Refuse(failure, environment);
        }

        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration
                {
                    Output = environment.Output,
                    Error = environment.Error,
                    EnableDefaultExceptionHandler = false,
                },
                cancellation);
        }
        catch (IOException)
        {
            return ExitCode.OutputClosed;
        }
#pragma warning disable CA1031 // The outermost handler: a bug ends with a message and its own exit code, not with a core dump.
        catch (Exception e)
#pragma warning restore CA1031
        {
            new Printer(environment).Failure(
                new CliFailure(ExitCode.Bug, $"this is a bug in fleet: {e.GetType().Name}: {e.Message}", "report it with the following"));
            await environment.Error.WriteLineAsync(e.StackTrace);
            return ExitCode.Bug;
        }
    }

    private static int Refuse(CliFailure failure, CliEnvironment environment)
    {
        new Printer(environment).Failure(failure);
        return failure.ExitCode;
    }
}
