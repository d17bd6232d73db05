using Fleet.Agent.Actions.Command;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Command;

public sealed class CommandRunTests
{
    [Fact]
    public async Task Run_Arguments_ArePassedWithoutAShell()
    {
        var log = new RecordingLog();

        var result = await RunAsync(new CommandAction { Program = "/usr/bin/printf", Arguments = { "%s\\n", "$(id) ; 'x' \"y\" *" } }, log);

        Assert.Equal(ActionOutcome.Succeeded, result.Outcome);
        Assert.Equal(["$(id) ; 'x' \"y\" *"], log.Lines);
    }

    [Fact]
    public async Task Run_Environment_IsMinimalPlusGiven()
    {
        var log = new RecordingLog();

        await RunAsync(new CommandAction { Program = "/usr/bin/env", Environment = { ["MINE"] = "1" }, WorkingDirectory = "/usr" }, log);

        var names = log.Lines.Select(l => l.Split('=')[0]).ToHashSet();
        Assert.Contains("MINE=1", log.Lines);
        Assert.Contains("LANG=C.UTF-8", log.Lines);
        Assert.Subset(new HashSet<string> { "MINE", "PATH", "HOME", "LANG", "LC_ALL", "PWD" }, names);
    }

    [Fact]
    public async Task Run_ExitCode_IsAFailureWithTheLastErrorLine()
    {
        var result = await RunAsync(
            new CommandAction { Program = "/bin/sh", Arguments = { "-c", "echo first >&2; echo last >&2; exit 7" } });

        Assert.Equal((ActionOutcome.Failed, 7, true), (result.Outcome, result.ExitCode, result.Retryable));
        Assert.Equal(["last"], result.Details);
    }

    [Fact]
    public async Task Run_ListedExitCode_IsASuccess()
    {
        var result = await RunAsync(new CommandAction { Program = "/bin/sh", Arguments = { "-c", "exit 7" }, SuccessExitCodes = { 7 } });

        Assert.Equal((ActionOutcome.Succeeded, 7), (result.Outcome, result.ExitCode));
    }

    [Theory]
    [InlineData("sh", "/", "absolute")]
    [InlineData("/bin/sh", "tmp", "absolute")]
    [InlineData("/no/such/program", "", "not installed")]
    [InlineData("/bin/true", "/no/such/folder", "does not exist")]
    public async Task Run_ThatCannotStart_FailsAndSaysWhy(string program, string folder, string expected)
    {
        var result = await RunAsync(new CommandAction { Program = program, WorkingDirectory = folder });

        Assert.Equal(ActionOutcome.Failed, result.Outcome);
        Assert.Contains(expected, result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_LongerThanItsTime_TimesOut()
    {
        var context = TestRun.For(
            new Protocol.V1.Action
            {
                Command = new CommandAction { Program = "/bin/sleep", Arguments = { "60" } },
            },
            timeout: TimeSpan.FromMilliseconds(200));

        var result = await new CommandRun().RunAsync(context, CancellationToken.None);

        Assert.Equal(ActionOutcome.TimedOut, result.Outcome);
    }

    private static Task<ActionResult> RunAsync(CommandAction command, RecordingLog? log = null) =>
        new CommandRun().RunAsync(TestRun.For(new Protocol.V1.Action { Command = command }, log), CancellationToken.None);
}
