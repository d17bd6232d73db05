using Fleet.Coordinator.Limits;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Tests.Limits;

public sealed class MessageCapsTests
{
    [Fact]
    public void Apply_LongTextsListsAndMaps_AreCutWhereverTheyAre()
    {
        var caps = new MessageCaps(10, 1_000, 5);
        var hello = new Hello { AgentVersion = new string('v', 100), Facts = new HostFacts { OperatingSystem = new string('o', 100) } };
        hello.AllowedActions.AddRange(Enumerable.Range(0, 20).Select(i => $"action{i}"));
        for (var i = 0; i < 20; i++)
        {
            hello.Labels.Add($"key{i}", new string('v', 100));
        }

        Assert.True(caps.Apply(hello));

        Assert.Equal(
            (10, 10, 5, 5),
            (hello.AgentVersion.Length, hello.Facts.OperatingSystem.Length, hello.AllowedActions.Count, hello.Labels.Count));
        Assert.All(hello.Labels, label => Assert.Equal(10, label.Value.Length));
        Assert.False(caps.Apply(hello));
    }

    [Fact]
    public void ResultCaps_LargeResult_KeepsWhatHappenedAndTheNewestLines()
    {
        var entry = new OutboxEntry
        {
            RunFinished = new RunFinished
            {
                RunId = new string('a', 32),
                Result = new ActionResult { Outcome = ActionOutcome.Failed, ExitCode = 23 },
            },
        };
        var result = entry.RunFinished.Result;
        result.Message = new string('m', 100_000);
        result.Details.AddRange(Enumerable.Repeat(new string('d', 10_000), 300));
        result.LogTail.AddRange(Enumerable.Range(1, 400).Select(i => new LogLine { Number = i, Text = new string('x', 500) }));

        ResultCaps.Apply(entry);

        Assert.Equal(
            (ActionOutcome.Failed, 23, 2_000, 100),
            (result.Outcome, result.ExitCode, result.Message.Length, result.Details.Count));
        Assert.Equal((100, 400), (result.LogTail.Count, result.LogTail[^1].Number));
        Assert.InRange(entry.CalculateSize(), 1, 400_000);
    }
}
