using System.Globalization;
using Fleet.Agent.History;
using Fleet.Agent.Tests.History;
using Fleet.Agent.Tests.Tools;
using Fleet.Agent.Tools;
using Mono.Unix.Native;

namespace Fleet.Agent.Tests.Children;

public class KilledHistoryTests
{
    /// <summary>How often the writer is killed: FLEET_HISTORY_KILLS.</summary>
    private static readonly int Kills = int.TryParse(
        Environment.GetEnvironmentVariable("FLEET_HISTORY_KILLS"), NumberStyles.None, CultureInfo.InvariantCulture, out var kills)
        ? kills
        : 8;

    [Fact]
    public async Task History_WriterIsKilledInTheMiddleOfWriting_HasWhatTheJournalHoldsAndNothingIsDamaged()
    {
        using var folder = new TemporaryFolder();
        var known = 0;
        for (var kill = 0; kill < Kills; kill++)
        {
            var output = new RecordingOutput();
            var pid = 0;
            var run = new ToolRunner(TimeProvider.System).RunAsync(
                ChildMain.Request("history", folder.Path) with { OnStarted = s => pid = s.ProcessId }, output, default);
            var lines = 1 + (kill * 7 % 23);
            await output.WaitForAsync(_ => output.Lines.Count >= lines);
            _ = Syscall.kill(pid, Signum.SIGKILL);
            await run.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
            var written = output.Lines.Count;

            using var fixture = new HistoryFixture(folder.Path);
            var survived = IdsIn(fixture.Folder).Count;
            Assert.True(
                survived >= known + written,
                $"kill {kill}: {survived} documents survived of {known + written} that were said to be written");
            await fixture.RunsAsync();
            var ids = IdsIn(fixture.Folder);
            Assert.All(fixture.Journal.Ended, k => Assert.Contains(HistoryDocument.IdOf(k), ids));
            Assert.Empty(fixture.Told);
            Assert.Empty(fixture.Folder.SetAside());
            known = ids.Count;
        }
    }

    private static HashSet<string> IdsIn(HistoryFolder folder)
    {
        HashSet<string> ids = [];
        foreach (var name in folder.Files())
        {
            using var file = HistoryFile.OpenForReading(folder.PathOf(name));
            ids.UnionWith(file.Ids());
        }

        return ids;
    }
}
