using System.Runtime.CompilerServices;
using Fleet.Agent.Journal;
using Fleet.Agent.Tests.History;
using Fleet.Agent.Tests.Tools;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;
using Fleet.Testing;

namespace Fleet.Agent.Tests.Children;

/// <summary>
/// This test program started again as a process that a test may kill: with FLEET_TEST_CHILD set, it does that part and nothing else.
/// </summary>
internal static class ChildMain
{
    public const string Variable = "FLEET_TEST_CHILD";
    public const string Folder = "FLEET_TEST_FOLDER";

    /// <summary>A request that starts the child.</summary>
    public static ToolRequest Request(string part, string folder)
    {
        var environment = new Dictionary<string, string> { [Variable] = part, [Folder] = folder };
        if (Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } root)
        {
            environment["DOTNET_ROOT"] = root;
        }

        var self = Environment.ProcessPath!;
        return Path.GetFileName(self) == "dotnet"
            ? new ToolRequest { Program = self, Arguments = [typeof(ChildMain).Assembly.Location], Environment = environment }
            : new ToolRequest { Program = self, Environment = environment };
    }

#pragma warning disable CA2255 // The test framework makes Main; this is the one way in before it.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void RunWhenAsked()
    {
        switch (Environment.GetEnvironmentVariable(Variable))
        {
            case "journal":
                WriteJournal(Environment.GetEnvironmentVariable(Folder)!);
                break;
            case "history":
                WriteHistory(Environment.GetEnvironmentVariable(Folder)!);
                break;
            case "tool":
                RunTool(Environment.GetEnvironmentVariable(Folder)!);
                break;
        }
    }

    /// <summary>Writes results as fast as it can and says which are on disk, until it is killed.</summary>
    private static void WriteJournal(string folder)
    {
        using var journal = RunJournal.Open(folder, "boot", out _);
        for (var i = 1; ; i++)
        {
            journal.Start(
                new RunStarted
                {
                    RunId = RunIds.Of($"run-{i}"),
                    Attempt = 1,
                    Policy = new string('p', i % 300),
                });
            journal.Finish(
                new RunFinished
                {
                    RunId = RunIds.Of($"run-{i}"),
                    Attempt = 1,
                    Result = new ActionResult { Message = new string('m', i % 5000) },
                });
            Console.Out.WriteLine(i);
            Console.Out.Flush();
        }
    }

    /// <summary>
    /// Ends attempts and writes the history of them as fast as it can, and says which are written, until it is killed. On this one thread:
    /// see
    /// <see cref="RunTool"/>.
    /// </summary>
    private static void WriteHistory(string folder)
    {
        using var fixture = new HistoryFixture(folder, new FakeTimeProvider(new DateTimeOffset(2026, 11, 10, 4, 0, 0, TimeSpan.Zero)));
        for (var i = fixture.Journal.Ended.Count; ; i++)
        {
            fixture.End($"{Environment.ProcessId}-{i}", tailBytes: i % 16 * 256);
            fixture.History.AskAsync(_ => true, CancellationToken.None).GetAwaiter().GetResult();
            Console.Out.WriteLine(i);
            Console.Out.Flush();
        }
    }

    /// <summary>
    /// Starts a tool with a grandchild, which write their numbers to a file, and waits to be killed. No type of this assembly
    /// may be touched on another thread: they all wait for this initializer to end.
    /// </summary>
    private static void RunTool(string folder)
    {
        var request = new ToolRequest
        {
            Program = "sh",
            Arguments = ["-c", "sleep 1000 & echo $$ $! > pids.new; mv pids.new pids; wait"],
            WorkingDirectory = folder,
            Environment = new Dictionary<string, string> { ["FLEET_RUN"] = $"{RunIds.Of("abc")}/1" },
        };
        new ToolRunner(TimeProvider.System).RunAsync(request, new RecordingOutput(), CancellationToken.None).GetAwaiter().GetResult();
    }
}
