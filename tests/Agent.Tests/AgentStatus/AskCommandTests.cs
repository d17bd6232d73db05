using System.Security.Cryptography;
using System.Text.Json;
using Fleet.Agent.Tests.Children;
using Fleet.Agent.Tests.Tools;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Agent.Tests.AgentStatus;

/// <summary>The commands as processes, with an agent that runs and after it was stopped.</summary>
public sealed class AskCommandTests
{
    private const string Guard = """
        commands:
          - program: /bin/echo
            arguments: ["*"]

        """;

    [Fact]
    public async Task Commands_WithAndWithoutTheAgent_SayTheSame()
    {
        await using var agent = await AgentProcess.StartAsync("", Guard);
        agent.Send(new CoordinatorMessage
        {
            Assignment = new Assignment
            {
                Revision = 1,
                Policies =
                {
                    new AssignedPolicy
                    {
                        Revision = 1,
                        Spec = new PolicySpec
                        {
                            Name = "policy-of-good",
                            Schedule = new Schedule { Every = Duration.FromTimeSpan(TimeSpan.FromDays(1)) },
                            Action = new Protocol.V1.Action { Command = new CommandAction { Program = "/bin/echo" } },
                        },
                    },
                },
            },
        });
        agent.Order("good", "/bin/echo", "hello");
        Assert.Equal(ActionOutcome.Succeeded, (await agent.ResultAsync("good")).Outcome);
        agent.Order("bad", "/bin/false");
        Assert.Equal(ActionOutcome.Refused, (await agent.ResultAsync("bad")).Outcome);

        var running = await AskAllAsync(agent);
        Assert.All(running, a => Assert.Equal("agent", a.GetProperty("from").GetString()));
        Check(running, agent);
        Assert.Equal(0, running[2].GetProperty("active").GetArrayLength());
        Assert.True(running[2].GetProperty("connection").GetProperty("connected").GetBoolean());

        await agent.StopAsync();
        var before = Hashes(agent.StateDirectory);
        var stopped = await AskAllAsync(agent);
        Assert.All(stopped, a => Assert.Equal("files", a.GetProperty("from").GetString()));
        Check(stopped, agent);
        Assert.False(stopped[2].GetProperty("connection").GetProperty("connected").GetBoolean());
        Assert.Equal(running[2].GetProperty("policies").GetRawText(), stopped[2].GetProperty("policies").GetRawText());

        // A file that is damaged, and a history that lacks the newest: the journal has them.
        Assert.Equal(before, Hashes(agent.StateDirectory));
        var file = Assert.Single(Directory.EnumerateFiles(Path.Join(agent.StateDirectory, "history")));
        await using (var damaged = File.OpenWrite(file))
        {
            damaged.SetLength(damaged.Length / 2);
        }

        before = Hashes(agent.StateDirectory);
        var spoilt = await AskAllAsync(agent);
        Check(spoilt, agent);
        Assert.Contains(spoilt[0].GetProperty("notes").EnumerateArray(), n =>
            n.GetString()!.Contains("left out; the agent sets the file aside", StringComparison.Ordinal));
        Assert.Equal(before, Hashes(agent.StateDirectory));
    }

    [Fact]
    public async Task Text_OfEach_ShowsWhatIsAskedFor()
    {
        await using var agent = await AgentProcess.StartAsync("", Guard);
        agent.Order("good", "/bin/echo", "hello");
        await agent.ResultAsync("good");
        var (code, lines) = await RunAsync(agent, "runs", "--policy", "policy-of-good", "--since", "1h");
        Assert.Equal(0, code);
        Assert.Matches(@"^ENDED +STATE +ACTION +POLICY +TOOK +RUN +MESSAGE$", lines[0]);
        Assert.Matches($@"^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d +succeeded +command +policy-of-good +\S+ m?s +{RunIds.Of("good").Text[..12]} ", lines[1]);
        (code, lines) = await RunAsync(agent, "run", RunIds.Of("good").Text[..10]);
        Assert.Equal(0, code);
        Assert.Contains("    stdout hello", lines);
        Assert.Contains(lines, l => l.EndsWith("  running", StringComparison.Ordinal));
        (code, lines) = await RunAsync(agent, "status");
        Assert.Equal(0, code);
        Assert.Contains(lines, l => l.StartsWith("connection   connected to https://", StringComparison.Ordinal));
        (code, lines) = await RunAsync(agent, "run", "0123456789");
        Assert.Equal(1, code);
        Assert.StartsWith("This host knows no run 0123456789", Assert.Single(lines), StringComparison.Ordinal);
        (code, _) = await RunAsync(agent, "runs", "--state", "great");
        Assert.Equal(2, code);
        (code, _) = await RunAsync(agent, "runs", "--since", "yesterday");
        Assert.Equal(2, code);
    }

    private static void Check(JsonElement[] answers, AgentProcess agent)
    {
        var runs = answers[0].GetProperty("runs").EnumerateArray().ToList();
        Assert.Equal([RunIds.Of("bad").Text, RunIds.Of("good").Text], runs.Select(r => r.GetProperty("run").GetString()));
        Assert.Equal(["refused", "succeeded"], runs.Select(r => r.GetProperty("state").GetString()));
        Assert.Equal($"{agent.File("guard.yaml")}: commands, default deny", runs[0].GetProperty("refused_by").GetString());
        var attempt = Assert.Single(answers[1].GetProperty("attempts").EnumerateArray());
        Assert.Equal(
            "hello",
            Assert
                .Single(attempt.GetProperty("tail").EnumerateArray(), l => l.GetProperty("from").GetString() == "stdout")
                .GetProperty("text")
                .GetString());
        Assert.Contains(attempt.GetProperty("phases").EnumerateArray(), p => p.GetProperty("name").GetString() == "running");
        Assert.Equal(("command", 0), (attempt.GetProperty("action").GetString(), attempt.GetProperty("exit_code").GetInt32()));
        var policy = Assert.Single(answers[2].GetProperty("policies").EnumerateArray());
        Assert.Equal(
            ("policy-of-good", "succeeded"),
            (policy.GetProperty("name").GetString(), policy.GetProperty("last").GetProperty("state").GetString()));
        Assert.InRange(
            policy.GetProperty("next").GetDateTimeOffset(),
            TimeProvider.System.GetUtcNow(),
            TimeProvider.System.GetUtcNow() + TimeSpan.FromDays(2));
    }

    private static async Task<JsonElement[]> AskAllAsync(AgentProcess agent) =>
        [
            await JsonAsync(agent, "runs", "--json"),
            await JsonAsync(agent, "run", RunIds.Of("good").Text, "--json"),
            await JsonAsync(agent, "status", "--json"),
        ];

    private static async Task<JsonElement> JsonAsync(AgentProcess agent, params string[] arguments)
    {
        var (code, lines) = await RunAsync(agent, arguments);
        Assert.Equal(0, code);
        using var document = JsonDocument.Parse(Assert.Single(lines));
        return document.RootElement.Clone();
    }

    private static async Task<(int Code, IReadOnlyList<string> Lines)> RunAsync(AgentProcess agent, params string[] arguments)
    {
        var output = new RecordingOutput();
        var result = await new ToolRunner(TimeProvider.System).RunAsync(
            AgentProgram.Request([.. arguments, "--config", agent.ConfigurationFile]), output, TestContext.Current.CancellationToken);
        return (result.ExitCode ?? -1, [.. output.Lines.Where(l => l.Stream == LogStream.Stdout).Select(l => l.Text)]);
    }

    private static Dictionary<string, string> Hashes(string folder) =>
        Directory
            .EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .ToDictionary(f => f, f => Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(f))));
}
