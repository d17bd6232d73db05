using Fleet.Agent.Journal;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Journal;

public sealed class RunJournalTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Open_StartedWithoutEnd_IsUnfinishedWithItsProcesses()
    {
        using (var journal = Open())
        {
            journal.Start(new RunStarted { RunId = RunIds.Of("a"), Attempt = 2, Policy = "p" });
            journal.AddProcess(new RunKey(RunIds.Of("a"), 2), new StartedProcess(42, 4711));
            journal.Start(new RunStarted { RunId = RunIds.Of("b"), Attempt = 1 });
            journal.Finish(new RunFinished { RunId = RunIds.Of("b"), Attempt = 1, Result = new ActionResult { Message = "done" } });
        }

        using var again = Open();
        var (key, started, processes) = Assert.Single(again.Unfinished());
        Assert.Equal((RunIds.Of("a").Text, 2, "p"), (started.RunId, started.Attempt, started.Policy));
        Assert.Equal(new RunKey(RunIds.Of("a"), 2), key);
        Assert.Equal(new JournalProcess("boot", 42, 4711), Assert.Single(processes));
        Assert.Equal("done", again.Result(new RunKey(RunIds.Of("b"), 1))!.Result.Message);
        Assert.Equal(RunIds.Of("b"), Assert.Single(again.Undelivered()).RunId);
        Assert.True(again.Knows(new RunKey(RunIds.Of("a"), 2)));
        Assert.False(again.Knows(new RunKey(RunIds.Of("a"), 1)));
    }

    [Fact]
    public void ReadResults_WhileItIsOpen_GivesWhatEnded()
    {
        using var journal = Open();
        journal.Start(new RunStarted { RunId = RunIds.Of("a"), Attempt = 1 });
        journal.Finish(new RunFinished { RunId = RunIds.Of("b"), Attempt = 1, Result = new ActionResult { Message = "done" } });
        journal.MarkDelivered(new RunKey(RunIds.Of("b"), 1));
        Assert.Equal("done", Assert.Single(RunJournal.ReadResults(_folder.Path)).Result.Message);
        Assert.Equal([new RunKey(RunIds.Of("b"), 1)], journal.Ended);
        Assert.Empty(RunJournal.ReadResults(_folder.File("elsewhere")));
    }

    [Fact]
    public void Finish_ManyLargeResults_SizeStaysBoundedAndNewestAreKept()
    {
        using (var journal = Open())
        {
            for (var i = 0; i < 1500; i++)
            {
                journal.Finish(
                    new RunFinished
                    {
                        RunId = RunIds.Of($"{i}"),
                        Attempt = 1,
                        Result = new ActionResult { Message = new string('m', 20_000) },
                    });
                journal.MarkDelivered(new RunKey(RunIds.Of($"{i}"), 1));
            }

            Assert.Equal(20_000, journal.Result(new RunKey(RunIds.Of("1499"), 1))!.Result.Message.Length);
            Assert.False(journal.Knows(new RunKey(RunIds.Of("10"), 1)));
        }

        Assert.True(new FileInfo(_folder.File("runs.log")).Length < 10 * 1024 * 1024);
        using var again = Open();
        Assert.Equal(20_000, again.Result(new RunKey(RunIds.Of("1499"), 1))!.Result.Message.Length);
        Assert.Empty(again.Undelivered());
    }

    private RunJournal Open() => RunJournal.Open(_folder.Path, "boot", out _);
}
