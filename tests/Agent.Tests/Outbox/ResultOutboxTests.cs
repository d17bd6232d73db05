using Fleet.Agent.Outbox;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Outbox;

public sealed class ResultOutboxTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Add_AcrossRestarts_SequenceHasNoGaps()
    {
        string id;
        using (var outbox = Open())
        {
            id = outbox.Id;
            Add(outbox, "1");
            Add(outbox, "2");
            outbox.Acknowledge(1);
        }

        using var again = Open();
        Add(again, "3");
        Assert.Equal(id, again.Id);
        Assert.Equal(3, again.LastSequence);
        Assert.Equal(["2", "3"], Waiting(again));
    }

    [Fact]
    public void Acknowledge_All_SequenceGoesOnAfterCompaction()
    {
        using (var outbox = Open())
        {
            for (var i = 1; i <= 300; i++)
            {
                Add(outbox, new string('x', 10_000));
                outbox.Acknowledge(i);
            }

            Assert.Equal(0, outbox.WaitingBytes);
        }

        Assert.True(new FileInfo(_folder.File("results.log")).Length < 2 * 1024 * 1024);
        using var again = Open();
        Add(again, "next");
        Assert.Equal(301, again.LastSequence);
    }

    [Fact]
    public void Open_TornAtEveryByteOfTheLastEntry_EarlierOnesStayAndSequenceIsUsedAgain()
    {
        using (var outbox = Open())
        {
            Add(outbox, "first");
        }

        var before = new FileInfo(_folder.File("results.log")).Length;
        using (var outbox = Open())
        {
            Add(outbox, "second");
        }

        var whole = File.ReadAllBytes(_folder.File("results.log"));
        for (var cut = before; cut < whole.Length; cut++)
        {
            File.WriteAllBytes(_folder.File("results.log"), whole[..(int)cut]);
            using var outbox = Open();
            Add(outbox, "again");
            Assert.Equal(["first", "again"], Waiting(outbox));
            Assert.Equal(2, outbox.LastSequence);
        }
    }

    [Fact]
    public void Open_Damaged_NewIdAndWhatIsLeftIsNumberedAnew()
    {
        string id;
        using (var outbox = Open())
        {
            id = outbox.Id;
            Add(outbox, "one");
            Add(outbox, "two");
            Add(outbox, "three");
        }

        var content = File.ReadAllBytes(_folder.File("results.log"));
        content[content.AsSpan().IndexOf("two"u8)] ^= 1;
        File.WriteAllBytes(_folder.File("results.log"), content);
        using var again = ResultOutbox.Open(_folder.Path, TimeProvider.System, out var damage);
        Assert.NotNull(damage);
        Assert.NotEqual(id, again.Id);
        Assert.Equal(["one", "three"], Waiting(again));
        Assert.Equal(2, again.LastSequence);
    }

    [Fact]
    public void Holds_WaitingResult_UntilAcknowledged()
    {
        using var outbox = Open();
        outbox.Add(new OutboxEntry { RunFinished = new RunFinished { RunId = RunIds.Of("r"), Attempt = 1 } });
        Assert.True(outbox.Holds(new(RunIds.Of("r"), 1)));
        outbox.Acknowledge(1);
        Assert.False(outbox.Holds(new(RunIds.Of("r"), 1)));
    }

    [Fact]
    public void MetricBacklog_OverItsSize_OldestGoAndAreCounted()
    {
        using var backlog = MetricBacklog.Open(_folder.File("metrics"), () => 1024 * 1024);
        for (var i = 0; i < 300; i++)
        {
            backlog.Add(new MetricBatch { Failures = { new CollectorFailure { Message = new string('m', 10_000) } } });
        }

        Assert.True(backlog.SizeBytes < 1400 * 1024, $"{backlog.SizeBytes}");
        var first = backlog.ReadAfter(0)!.Sequence;
        Assert.Equal(first - 1, backlog.TakeDropped());
        Assert.Equal(300, backlog.ReadAfter(299)!.Sequence);
        backlog.Acknowledge(299);
        Assert.Equal(300, backlog.ReadAfter(0)!.Sequence);
        backlog.DropAll();
        Assert.Null(backlog.ReadAfter(0));
        Assert.Equal(1, backlog.TakeDropped());
    }

    [Fact]
    public void MetricBacklog_SmallerSizeWhileItIsOpen_OldestGoUntilItFits()
    {
        var maxBytes = 4L * 1024 * 1024;
        using var backlog = MetricBacklog.Open(_folder.File("metrics"), () => maxBytes);
        for (var i = 0; i < 300; i++)
        {
            backlog.Add(new MetricBatch { Failures = { new CollectorFailure { Message = new string('m', 10_000) } } });
        }

        Assert.Equal(0, backlog.TakeDropped());
        maxBytes = 1024 * 1024;
        for (var i = 0; i < 10; i++)
        {
            backlog.Add(new MetricBatch { Failures = { new CollectorFailure { Message = new string('m', 10_000) } } });
        }

        Assert.True(backlog.SizeBytes < 1400 * 1024, $"{backlog.SizeBytes}");
        Assert.Equal(backlog.ReadAfter(0)!.Sequence - 1, backlog.TakeDropped());
        Assert.Equal(310, backlog.ReadAfter(309)!.Sequence);
    }

    private static void Add(ResultOutbox outbox, string code) => outbox.Add(new OutboxEntry { Notice = new AgentNotice { Code = code } });

    private static List<string> Waiting(ResultOutbox outbox)
    {
        List<string> codes = [];
        for (var entry = outbox.ReadAfter(0); entry is not null; entry = outbox.ReadAfter(entry.Sequence))
        {
            Assert.Equal(outbox.Id, entry.OutboxId);
            codes.Add(entry.Notice.Code);
        }

        return codes;
    }

    private ResultOutbox Open() => ResultOutbox.Open(_folder.Path, TimeProvider.System, out _);
}
