using System.Globalization;
using Fleet.Agent.Journal;
using Fleet.Agent.Runs;
using Fleet.Agent.Tests.Tools;
using Fleet.Agent.Tools;
using Fleet.Testing;
using Mono.Unix.Native;

namespace Fleet.Agent.Tests.Children;

public class KilledAgentTests
{
    [Fact]
    public async Task Journal_WriterIsKilled_EverythingItSaidIsThereAndTheFileGoesOn()
    {
        using var folder = new TemporaryFolder();
        var expected = 0;
        for (var round = 0; round < 3; round++)
        {
            var output = new RecordingOutput();
            var pid = 0;
            var run = new ToolRunner(TimeProvider.System).RunAsync(
                ChildMain.Request("journal", folder.Path) with { OnStarted = s => pid = s.ProcessId }, output, default);
            await output.WaitForAsync(l => l == "40");
            _ = Syscall.kill(pid, Signum.SIGKILL);
            await run.WaitAsync(TimeSpan.FromSeconds(60));
            expected = output.Lines.Select(l => int.Parse(l.Text, CultureInfo.InvariantCulture)).Max();

            using var journal = RunJournal.Open(folder.Path, "boot", out var damage);
            Assert.Null(damage);
            for (var i = Math.Max(1, expected - 100); i <= expected; i++)
            {
                Assert.Equal(i % 5000, journal.Result(new RunKey(RunIds.Of($"run-{i}"), 1))!.Result.Message.Length);
            }

            Assert.True(journal.Unfinished().Count <= 1);
        }
    }

    [Fact]
    public async Task Tool_AgentIsKilled_ToolDiesWithItAndLeftoversAreFoundByTheirMark()
    {
        using var folder = new TemporaryFolder();
        var output = new RecordingOutput();
        var pid = 0;
        var run = new ToolRunner(TimeProvider.System).RunAsync(
            ChildMain.Request("tool", folder.Path) with { OnStarted = s => pid = s.ProcessId }, output, default);
        await Eventually.TrueAsync(() => File.Exists(folder.File("pids")), "the tool runs");
        var said = (await File.ReadAllTextAsync(folder.File("pids"))).Split(' ');
        var (tool, grandchild) = (int.Parse(said[0], CultureInfo.InvariantCulture), int.Parse(said[1], CultureInfo.InvariantCulture));
        var recorded = new JournalProcess("boot", tool, ProcessStat.Read(tool)!.Value.StartTicks);
        _ = Syscall.kill(pid, Signum.SIGKILL);
        await Eventually.TrueAsync(() => ProcessStat.Read(tool) is null or { State: 'Z' }, "the tool dies with its agent");

        Assert.NotNull(ProcessStat.Read(grandchild));
        Assert.Equal(0, LeftoverProcesses.End(new RunKey(RunIds.Of("other"), 1), [recorded], "boot"));
        Assert.Equal(0, LeftoverProcesses.End(new RunKey(RunIds.Of("abc"), 1), [recorded], "another boot"));
        Assert.Equal(1, LeftoverProcesses.End(new RunKey(RunIds.Of("abc"), 1), [recorded], "boot"));
        await Eventually.TrueAsync(() => ProcessStat.Read(grandchild) is null or { State: 'Z' }, "the leftover is gone");
        await run.WaitAsync(TimeSpan.FromSeconds(60));
    }
}
