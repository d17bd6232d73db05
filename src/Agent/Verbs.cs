using System.Runtime.InteropServices;
using Fleet.Agent.AgentStatus;
using Fleet.Agent.Check;
using Fleet.Agent.Configuration;
using Fleet.Agent.Enrolment;
using Fleet.Agent.LocalSocket;
using Fleet.Agent.Logging;
using Fleet.Agent.Systemd;
using Fleet.Protocol.Certificates;
using Fleet.Yaml;

namespace Fleet.Agent;

/// <summary>What `fleet-agent VERB` does, and its exit code.</summary>
internal static class Verbs
{
    private const int WrongUsage = 2;

    /// <summary>EX_CONFIG of sysexits.h, as the coordinator has it.</summary>
    internal const int WrongConfiguration = 78;

    private const string Help = """
        fleet-agent [run]                    run the agent (what fleet-agent.service does)
        fleet-agent enroll ADDRESS TOKEN     join a fleet
        fleet-agent check [--json]           check configuration, guard, certificate, connection, clock and tools
        fleet-agent status [--json]          connection, policies with their last result and next time, history
        fleet-agent runs [--policy NAME]...  what ran on this host, also while the coordinator is gone
        fleet-agent run ID                   one run: result, facts, phases and the end of its output
        fleet-agent --version

        fleet-agent VERB --help shows more, with examples.
        """;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var line = CommandLine.Parse(arguments, out var problem);
        if (problem.Length > 0)
        {
            return Usage(problem);
        }

        if (line.Has("--version"))
        {
            Console.Out.WriteLine($"fleet-agent {AgentVersion.Text}");
            return 0;
        }

        if (line.Has("--help"))
        {
            Console.Out.WriteLine(arguments.Contains(line.Verb) ? HelpOf(line.Verb) : Help);
            return 0;
        }

        SystemAuthorities.LeaveOut();
        using var stop = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, c => Stop(c, stop));
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, c => Stop(c, stop));
        try
        {
            return line.Verb switch
            {
                "run" when line.Words.Count == 0 => await RunAgentAsync(line, stop.Token),
                "enroll" when line.Words.Count == 2 => await EnrollAsync(line, stop.Token),
                "enroll" => Usage("enroll needs an address and a token"),
                "check" when line.Words.Count == 0 =>
                    await new CheckCommand(ConfigFile(line), Console.Out, TimeProvider.System).RunAsync(line.Has("--json"), stop.Token),
                "run" when line.Words.Count == 1 =>
                    await AskAsync(line, LocalQuestion.OfRun(line.Words[0]), LocalQuestion.NoId, stop.Token),
                "runs" when line.Words.Count == 0 =>
                    await AskAsync(line, RunsFilter.Read(line, TimeProvider.System, out var wrong), wrong, stop.Token),
                "status" when line.Words.Count == 0 => await AskAsync(line, LocalQuestion.OfStatus, "", stop.Token),
                "run" => Usage("run takes no argument, or the id of one run"),
                "check" or "runs" or "status" => Usage($"{line.Verb} takes no {LogText.Escape(line.Words[0])}"),
                "help" => Usage(""),
                _ => Usage($"unknown verb {LogText.Escape(line.Verb)}"),
            };
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 130;
        }
    }

    private static ConfigurationFile ConfigFile(CommandLine line) => ConfigurationFile.Of(line.Value("--config"));

    private static async Task<int> RunAgentAsync(CommandLine line, CancellationToken cancellationToken)
    {
        using var log = ConsoleLog.ForThisProcess(TimeProvider.System);
        using var systemd = ServiceManager.ForThisProcess();
        var host = new AgentHost(ConfigFile(line), log, systemd, TimeProvider.System);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, c =>
        {
            c.Cancel = true;
            host.RequestReload();
        });
        return await host.RunAsync(cancellationToken);
    }

    private static async Task<int> EnrollAsync(CommandLine line, CancellationToken cancellationToken)
    {
        var problems = new YamlProblems();
        var options = AgentOptionsReader.Read(ConfigFile(line), problems);
        if (problems.Any)
        {
            Console.Error.WriteLine(problems.ToString());
            return WrongConfiguration;
        }

        Dictionary<string, string> labels = [];
        foreach (var label in line.Values("--label"))
        {
            if (label.Split('=', 2) is not [{ Length: > 0 } key, var value])
            {
                return Usage($"--label {LogText.Escape(label)}: write KEY=VALUE");
            }

            labels[key] = value;
        }

        var token = line.Words[1] == "-" ? await Console.In.ReadLineAsync(cancellationToken) ?? "" : line.Words[1];
        return await new EnrollCommand(options, Console.Out, Console.Error, TimeProvider.System, EnrollCommand.ResolveAsync)
            .RunAsync(line.Words[0], token, line.Value("--name"), labels, line.Has("--force"), cancellationToken);
    }

    /// <param name="question">Null if <paramref name="problem"/> says what is wrong with the command line.</param>
    private static async Task<int> AskAsync(CommandLine line, LocalQuestion? question, string problem, CancellationToken cancellationToken)
    {
        if (question is null)
        {
            return Usage(problem);
        }

        var file = ConfigFile(line);
        var problems = new YamlProblems();
        var options = file.IsForOthers ? new AgentOptions() : AgentOptionsReader.Read(file, problems);
        if (problems.Any)
        {
            Console.Error.WriteLine(problems.ToString());
            return WrongConfiguration;
        }

        return await new AskCommand(options, Console.Out, Console.Error, TimeProvider.System).RunAsync(
            question, line.Has("--json"), cancellationToken);
    }

    private static string HelpOf(string verb) => verb switch
    {
        "run" => $"{AgentHost.Help}\n\n{AskCommand.RunHelp}",
        "runs" => AskCommand.RunsHelp,
        "status" => AskCommand.StatusHelp,
        "enroll" => EnrollCommand.Help,
        "check" => CheckCommand.Help,
        _ => Help,
    };

    private static int Usage(string problem)
    {
        if (problem.Length > 0)
        {
            Console.Error.WriteLine($"fleet-agent: {problem}");
        }

        Console.Error.WriteLine(Help);
        return WrongUsage;
    }

    private static void Stop(PosixSignalContext context, CancellationTokenSource stop)
    {
        context.Cancel = true;
        stop.Cancel();
    }
}
