using Fleet.Agent.Runs;
using Fleet.Testing;

namespace Fleet.Agent.Tests.Runs;

public class RunPhasesTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Begin_OneAfterTheOther_EachEndsWhereTheNextBegins()
    {
        var phases = new RunPhases(_clock);
        phases.Begin("asking the guard");
        _clock.Advance(TimeSpan.FromMilliseconds(20));
        phases.Begin("running");
        phases.Begin("counting");
        _clock.Advance(TimeSpan.FromSeconds(2));
        phases.Begin("");
        phases.Begin("counting");
        _clock.Advance(TimeSpan.FromSeconds(1));
        phases.Begin("transferring");
        _clock.Advance(TimeSpan.FromSeconds(5));
        var ended = phases.End();
        Assert.Equal(
            [("asking the guard", 20.0), ("counting", 3000), ("transferring", 5000)],
            ended.Select(p => (p.Name, p.Duration.ToTimeSpan().TotalMilliseconds)));
        Assert.Equal(ended[0].StartedAt.ToDateTimeOffset() + TimeSpan.FromMilliseconds(20), ended[1].StartedAt.ToDateTimeOffset());
    }

    [Fact]
    public void Begin_TooMany_TheLastOneCoversTheRest()
    {
        var phases = new RunPhases(_clock);
        for (var i = 0; i < 200; i++)
        {
            phases.Begin($"{i} {new string('x', 1000)}");
            _clock.Advance(TimeSpan.FromSeconds(1));
        }

        var ended = phases.End();
        Assert.Equal(RunPhases.MaxPhases, ended.Count);
        Assert.Equal((200, TimeSpan.FromSeconds(151)), (ended[^1].Name.Length, ended[^1].Duration.ToTimeSpan()));
    }
}
