using System.CommandLine;
using System.CommandLine.Help;
using Fleet.Cli.Admin;
using Fleet.Cli.Completion;
using Fleet.Cli.Events;
using Fleet.Cli.Hosts;
using Fleet.Cli.Metrics;
using Fleet.Cli.Output;
using Fleet.Cli.Policies;
using Fleet.Cli.Restore;
using Fleet.Cli.Retention;
using Fleet.Cli.Runs;
using Fleet.Cli.Snapshots;
using Fleet.Cli.Status;

namespace Fleet.Cli.CommandLine;

/// <summary>The whole command line: one line per command.</summary>
internal static class FleetCommandLine
{
    public static RootCommand Create(CliEnvironment environment)
    {
        var options = new GlobalOptions();
        var actions = new CommandActions(environment, options);
        var root = new RootCommand("Keeps a fleet of servers backed up, watched and provable. Begin with: fleet status")
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
        root.Add(new VersionOption { Description = "Show the version of this program.", Action = new PrintVersion() });
        root.Directives.Clear();
        root.Add(new SuggestDirective());
        return root;
    }

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments, CliEnvironment environment, CancellationToken cancellation)
    {
        // An argument that begins with @ is an argument, not the name of a file with more of them.
        var parsed = Create(environment).Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Action is System.CommandLine.Invocation.ParseErrorAction)
        {
            return Refuse(parsed, environment);
        }

        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration { Output = environment.Output, Error = environment.Error, EnableDefaultExceptionHandler = false },
                cancellation);
        }
        catch (IOException)
        {
            return ExitCode.OutputClosed;
        }
#pragma warning disable CA1031 // The last door: a bug ends with a message and a code of its own, not with a core dump.
        catch (Exception e)
#pragma warning restore CA1031
        {
            new Printer(environment).Failure(new CliFailure(ExitCode.Bug, $"this is a bug in fleet: {e.GetType().Name}: {e.Message}", "report it with the following"));
            await environment.Error.WriteLineAsync(e.StackTrace);
            return ExitCode.Bug;
        }
    }

    private static int Refuse(ParseResult parsed, CliEnvironment environment)
    {
        var errors = parsed.Errors.Select(e => e.Message.Replace("\n\t", " ", StringComparison.Ordinal)).Distinct().ToList();
        // The library's own words for a missing command are the vaguer ones.
        foreach (var error in errors.Where(e => errors.Count == 1 || e != "Required command was not provided."))
        {
            environment.Error.WriteLine($"error: {TerminalText.Safe(error)}");
        }

        var words = new List<string>();
        for (var result = parsed.CommandResult; result is not null; result = result.Parent as System.CommandLine.Parsing.CommandResult)
        {
            words.Insert(0, result.Command is RootCommand ? "fleet" : result.Command.Name);
        }

        environment.Error.WriteLine($"  what to do: see {string.Join(' ', words)} --help");
        return ExitCode.Refused;
    }
}
