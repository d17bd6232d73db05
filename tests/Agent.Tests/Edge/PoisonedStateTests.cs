using Fleet.Agent.Enrolment;
using Fleet.Agent.Journal;
using Fleet.Agent.LocalSchedule;
using Fleet.Agent.Lvm;
using Fleet.Agent.Outbox;
using Fleet.Agent.Retention;
using Fleet.Agent.Session;
using Fleet.Agent.Storage;
using Fleet.Agent.Tests.Session;
using Fleet.Protocol.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Agent.Tests.Edge;

/// <summary>State files that are whole and hold what no agent can use: kept aside, told, and never the end of the process.</summary>
public sealed class PoisonedStateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Assignment_WithTimesOutOfRange_KeepsWhatIsGoodAndAsksForItAgain()
    {
        var stored = new Assignment
        {
            Revision = 9,
            Policies =
            {
                new AssignedPolicy { Spec = new PolicySpec { Name = "bad", Schedule = new Schedule { Every = new Duration { Seconds = long.MaxValue } } } },
                new AssignedPolicy { Spec = new PolicySpec { Name = "good" } },
            },
        };
        File.WriteAllBytes(_folder.File("assignment.pb"), stored.ToByteArray());

        var store = new AssignmentStore(_folder.File("assignment.pb"), out var damage);

        Assert.Contains("policy bad: schedule.every", damage, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder.File("assignment.pb.damaged")));
        Assert.Equal(["good"], store.Current.Policies.Select(p => p.Name));
        Assert.Equal(0, store.Current.Revision);
    }

    [Fact]
    public void Assignment_WithARetentionThatMakesNoSense_StillKeepsItsSnapshots()
    {
        var assignment = Assigned.Of(new Assignment
        {
            Policies =
            {
                new AssignedPolicy
                {
                    Spec = new PolicySpec { Name = "thin", Action = new() { ZfsPrune = new ZfsPruneAction { SnapshotsOf = "nightly", Retention = new() { Keep = new KeepRules { Last = int.MinValue } } } } },
                },
            },
        });

        var policy = Assert.Single(assignment.Policies);
        Assert.True(policy.Paused);
        Assert.Equal("nightly", policy.Action.ZfsPrune.SnapshotsOf);
        Assert.Null(policy.Action.ZfsPrune.Retention);
        Assert.Equal("thin", Assert.Single(assignment.Problems).Policy);
    }

    [Fact]
    public void Journal_WithARunIdThatIsNone_IsNotUsedAndTold()
    {
        using (var file = RecordFile.Open(_folder.File("runs.log"), (_, _) => { }, out _))
        {
            file.Append([1, .. new RunStarted { RunId = "/../../x", Attempt = 1 }.ToByteArray()]);
            file.Append([1, .. new RunStarted { RunId = RunIds.Of("a"), Attempt = 1 }.ToByteArray()]);
            file.Append([3, .. new RunFinished { RunId = "", Attempt = int.MinValue }.ToByteArray()]);
        }

        using var journal = RunJournal.Open(_folder.Path, "boot", out var damage);

        Assert.Contains("2 record(s)", damage, StringComparison.Ordinal);
        Assert.True(File.Exists(_folder.File("runs.log.damaged")));
        Assert.Equal(new RunKey(RunIds.Of("a"), 1), Assert.Single(journal.Unfinished()).Key);
    }

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    [InlineData(-1)]
    [InlineData(7)]
    public void Outbox_WithNumbersThatMakeNoSense_BeginsAnewWithWhatItHolds(long sequence)
    {
        using (var outbox = ResultOutbox.Open(_folder.Path, TimeProvider.System, out _))
        {
            outbox.Add(new OutboxEntry { Notice = new AgentNotice { Code = "one" } });
        }

        using (var file = RecordFile.Open(_folder.File("results.log"), (_, _) => { }, out _))
        {
            file.Append([2, .. new OutboxEntry { Sequence = sequence, Notice = new AgentNotice { Code = "two" } }.ToByteArray()]);
        }

        using var again = ResultOutbox.Open(_folder.Path, TimeProvider.System, out var damage);

        Assert.NotNull(damage);
        Assert.Equal(2, again.LastSequence);
        again.Add(new OutboxEntry { Notice = new AgentNotice { Code = "three" } });
        Assert.Equal(3, again.LastSequence);
        Assert.Equal("three", again.ReadAfter(2)!.Notice.Code);
    }

    [Fact]
    public void Session_WithAnIdThatIsNone_IsForgotten()
    {
        File.WriteAllText(_folder.File("session.json"), """{"session_id": "a\nb"}""");
        Assert.Equal("", new SessionState(_folder.File("session.json")).PreviousSessionId());
    }

    [Theory]
    [InlineData("""{"trusted": {"wall": "9999-12-31T23:59:59Z", "since_boot_seconds": 1, "boot_id": "b"}}""")]
    [InlineData("""{"trusted": {"wall": "2026-01-01T00:00:00Z", "since_boot_seconds": 1e300, "boot_id": "b"}}""")]
    [InlineData("""{"trusted": {"wall": "2026-01-01T00:00:00Z", "since_boot_seconds": -1, "boot_id": "b"}}""")]
    public void Clock_WithTimesOutOfRange_LetsNothingBePruned(string memory)
    {
        File.WriteAllText(_folder.File("clock.json"), memory);
        Assert.Throws<IOException>(() => new ClockMemoryFile(_folder.File("clock.json")).Read());
    }

    [Fact]
    public void Merge_UnderANameThatIsNoRun_IsKeptAside()
    {
        Directory.CreateDirectory(_folder.File("merges"));
        File.WriteAllText(_folder.File("merges/x.json"), """{"run_id":"x","snapshot":"","snapshot_uuid":"","group":"","volume":"","volume_uuid":"","safety":""}""");

        Assert.Empty(new LvmMergeRecords(_folder.File("merges")).ToWatch(out var damage));

        Assert.NotNull(damage);
        Assert.True(File.Exists(_folder.File("merges/x.json.damaged")));
    }

    [Theory]
    [InlineData("""{"host_id":"../x","name":"h","coordinators":["https://c:7443"]}""")]
    [InlineData("""{"host_id":"7f1e9d0c-0000-4000-8000-000000000001","name":"h\n","coordinators":["https://c:7443"]}""")]
    [InlineData("""{"host_id":"7f1e9d0c-0000-4000-8000-000000000001","name":"h","coordinators":[]}""")]
    [InlineData("""{"host_id":"7f1e9d0c-0000-4000-8000-000000000001","name":"h","coordinators":["nonsense"]}""")]
    [InlineData("""{"host_id":7,"name":"h","coordinators":"x"}""")]
    public async Task Identity_ThatMakesNoSense_IsAProblemAndStays(string host)
    {
        await using var coordinator = await ScriptedCoordinator.StartAsync();
        var store = new IdentityStore(_folder.Path);
        coordinator.Enrol(store, TimeSpan.FromMinutes(1));
        Assert.NotNull(store.Load(out _));
        File.WriteAllText(_folder.File("identity/host.json"), host);

        Assert.Null(store.Load(out var problem));

        Assert.Contains("enrol again", problem, StringComparison.Ordinal);
    }
}
