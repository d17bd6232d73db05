using Fleet.Agent.LocalSchedule;
using Fleet.Agent.Tests.Runs;
using Fleet.Protocol.V1;
using Fleet.Schedules;
using Fleet.Testing;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fleet.Agent.Tests.LocalSchedule;

public sealed class LocalSchedulerTests : IDisposable
{
    private static readonly TimeSpan Every = TimeSpan.FromMinutes(15);
    private readonly TemporaryFolder _folder = new();
    private readonly RunFixture _fixture;
    private readonly AssignmentStore _assignments;
    private readonly LocalScheduler _scheduler;

    public LocalSchedulerTests()
    {
        _fixture = new RunFixture(_folder.Path);
        _assignments = new AssignmentStore(_folder.File("assignment.pb"), out _);
        _scheduler = Scheduler();
        Assign(_fixture.Clock.GetUtcNow());
    }

    public void Dispose()
    {
        _fixture.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Tick_Connected_NeverFires()
    {
        for (var i = 0; i < 100; i++)
        {
            _fixture.Clock.Advance(TimeSpan.FromMinutes(1));
            _scheduler.Tick(connected: true);
        }

        Assert.Empty(_fixture.Runs.Active);
        Assert.Empty(_fixture.Sent);
    }

    [Fact]
    public async Task Tick_CutOff_FiresEachInstantOnceUnderTheCoordinatorsRunId()
    {
        _scheduler.Tick(connected: true);
        for (var i = 0; i < 60; i++)
        {
            _fixture.Clock.Advance(TimeSpan.FromMinutes(1));
            _scheduler.Tick(connected: false);
            await Eventually.TrueAsync(() => _fixture.Runs.Active.Count == 0, "runs end");
        }

        Assert.Equal(4, _fixture.Results.Count);
        Assert.All(_fixture.Results, r =>
        {
            Assert.Equal(ScheduledRunId.Derive("p", _fixture.Settings.HostId, r.ScheduledAt.ToDateTimeOffset()), r.RunId);
            Assert.Equal(RunTrigger.AgentSchedule, r.Trigger);
            Assert.Equal(1, r.Attempt);
        });
        Assert.Equal(4, _fixture.Results.Select(r => r.RunId).Distinct().Count());
    }

    [Fact]
    public void Tick_WithinGrace_DoesNotFire()
    {
        _scheduler.Tick(connected: true);
        _fixture.Clock.Advance(TimeSpan.FromSeconds(59));
        _scheduler.Tick(connected: false);
        Assert.Empty(_fixture.Runs.Active);
    }

    [Fact]
    public async Task Tick_ByWhatItAsksFor_FiresAsSoonAsAnInstantIsThere()
    {
        var longest = TimeSpan.FromSeconds(10);
        Assert.Equal(Timeout.InfiniteTimeSpan, _scheduler.Tick(connected: true));
        _fixture.Clock.Advance(TimeSpan.FromSeconds(55));
        Assert.Equal(TimeSpan.FromSeconds(5), _scheduler.Tick(connected: false));
        DateTimeOffset? firedAt = null;
        for (var until = _fixture.Clock.GetUtcNow() + Every + longest; _fixture.Clock.GetUtcNow() < until;)
        {
            var pause = _scheduler.Tick(connected: false);
            firedAt ??= _fixture.Runs.Active.Count + _fixture.Results.Count > 0 ? _fixture.Clock.GetUtcNow() : null;
            Assert.InRange(pause, TimeSpan.FromTicks(1), longest);
            _fixture.Clock.Advance(pause);
        }

        await Eventually.TrueAsync(() => _fixture.Results.Count > 0 && _fixture.Runs.Active.Count == 0, "the run ends");
        Assert.Equal(_fixture.Results.Min(r => r.ScheduledAt.ToDateTimeOffset()), firedAt);
    }

    [Fact]
    public async Task Tick_LongOff_OneCatchUpAndNotOneForEachMissed()
    {
        _fixture.Clock.Advance(TimeSpan.FromDays(2));
        _scheduler.Tick(connected: false);
        _scheduler.Tick(connected: false);
        await Eventually.TrueAsync(() => _fixture.Results.Count == 1 && _fixture.Runs.Active.Count == 0, "one run");
        _scheduler.Tick(connected: false);
        Assert.Empty(_fixture.Runs.Active);
        Assert.True(_fixture.Clock.GetUtcNow() - _fixture.Results[0].ScheduledAt.ToDateTimeOffset() < Every);
    }

    [Fact]
    public void Tick_CoveredByTheCoordinator_DoesNotFire()
    {
        _fixture.Clock.Advance(TimeSpan.FromHours(1));
        Assign(_fixture.Clock.GetUtcNow());
        _scheduler.Tick(connected: false);
        Assert.Empty(_fixture.Runs.Active);
    }

    [Fact]
    public async Task Tick_RestartedAgent_JournaledInstantIsNotFiredAgain()
    {
        _fixture.Clock.Advance(TimeSpan.FromHours(1));
        _scheduler.Tick(connected: false);
        await Eventually.TrueAsync(() => _fixture.Results.Count == 1 && _fixture.Runs.Active.Count == 0, "one run");
        var restarted = Scheduler();
        _fixture.Clock.Advance(TimeSpan.FromSeconds(61));
        restarted.Tick(connected: false);
        Assert.Empty(_fixture.Runs.Active);
        Assert.Single(_fixture.Results);
    }

    [Fact]
    public void Tick_PausedOrOnDemand_DoesNotFire()
    {
        Assign(_fixture.Clock.GetUtcNow(), paused: true);
        _fixture.Clock.Advance(TimeSpan.FromHours(1));
        _scheduler.Tick(connected: false);
        Assert.Empty(_fixture.Runs.Active);
    }

    [Fact]
    public async Task Tick_CoveredInTheFuture_WasSaidByAWrongClockAndSilencesNothing()
    {
        Assign(_fixture.Clock.GetUtcNow().AddDays(200));
        _scheduler.Tick(connected: true);
        for (var i = 0; i < 60; i++)
        {
            _fixture.Clock.Advance(TimeSpan.FromMinutes(1));
            _scheduler.Tick(connected: false);
            await Eventually.TrueAsync(() => _fixture.Runs.Active.Count == 0, "runs end");
        }

        Assert.Equal(4, _fixture.Results.Count);
    }

    [Fact]
    public void AssignmentStore_DamagedFile_IsKeptAsideAndNotFatal()
    {
        File.WriteAllBytes(_folder.File("assignment.pb"), [0xff, 0xff, 0xff]);
        var store = new AssignmentStore(_folder.File("assignment.pb"), out var damage);
        Assert.NotNull(damage);
        Assert.Equal(0, store.Current.Revision);
        store.Save(Assigned.Of(new Assignment { Revision = 5 }));
        Assert.Equal(5, new AssignmentStore(_folder.File("assignment.pb"), out _).Current.Revision);
    }

    private LocalScheduler Scheduler() =>
        new(_assignments, _fixture.Runs, _fixture.Journal.KnowsRun, _fixture.Settings, _fixture.Clock, NullLogger.Instance);

    private void Assign(DateTimeOffset coveredUntil, bool paused = false) => _assignments.Save(Assigned.Of(new Assignment
    {
        Revision = 1,
        AutonomyGrace = Duration.FromTimeSpan(TimeSpan.FromMinutes(1)),
        Policies =
        {
            new AssignedPolicy
            {
                Revision = 1,
                CoveredUntil = Timestamp.FromDateTimeOffset(coveredUntil),
                Spec = new PolicySpec
                {
                    Name = "p",
                    Paused = paused,
                    Schedule = new Schedule { Every = Duration.FromTimeSpan(Every) },
                    Action = new Protocol.V1.Action { Command = new CommandAction { Program = "/bin/true" } },
                },
            },
            new AssignedPolicy { Spec = new PolicySpec { Name = "on-demand" } },
        },
    }));
}
