using Fleet.Coordinator.Storage;
using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Fleet.Testing;
using Microsoft.Data.Sqlite;

namespace Fleet.Coordinator.Tests.Fleet;

/// <summary>Whatever stands still, and for whatever cause, people hear of it.</summary>
public sealed class StandingStillTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task StoreThatDoesNotCommit_IsInTheStatus_AndAnEventAfterwards()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        await using (var other = new SqliteConnection($"Data Source={coordinator.Store.Place};Pooling=False"))
        {
            await other.OpenAsync(TestContext.Current.CancellationToken);
            await using var hold = other.CreateCommand();
            hold.CommandText = "BEGIN IMMEDIATE";
            await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);

            var stuck = await AttentionAsync(coordinator, "store_stuck");
            Assert.Equal(AttentionSeverity.Critical, stuck.Severity);
        }

        var recovered = await coordinator.EventAsync("coordinator.store_recovered");
        Assert.Contains("does not commit", recovered.Attributes["problem"], StringComparison.Ordinal);
        Assert.DoesNotContain((await coordinator.Fleet.GetStatusAsync(new GetStatusRequest())).Attention, item =>
            item.Code == "store_stuck");
    }

    [Fact]
    public async Task HostThatIsOnlineAndGetsNoRuns_NeedsAttention()
    {
        var clock = new FakeTimeProvider(Start);
        await using var coordinator = await TestCoordinator.StartAsync(clock);
        var agent = await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.New());
        await coordinator.Store.WriteAsync(transaction => transaction.Execute(
            "UPDATE hosts SET connected = 1, connected_at = $now, session_id = 'lost'", ("$now", Start.ToColumn())));
        var run = await coordinator.StartAsync("photos");

        await AdvanceUntilAsync(coordinator, clock, "host.dispatch_stalled");

        var attention = await AttentionAsync(coordinator, "dispatch_stalled");
        Assert.Equal((agent.HostId, run.RunId), (attention.HostId, attention.RunId));
        var stalled = await coordinator.EventAsync("host.dispatch_stalled");
        Assert.True(stalled.At.ToDateTimeOffset() - Start >= TimeSpan.FromMinutes(3));

        await coordinator.Fleet.CancelRunAsync(new CancelRunRequest { RunId = run.RunId });
        await AdvanceUntilAsync(coordinator, clock, "host.dispatch_resumed");
        Assert.DoesNotContain((await coordinator.Fleet.GetStatusAsync(new GetStatusRequest())).Attention, item =>
            item.Code == "dispatch_stalled");
    }

    [Fact]
    public async Task ScheduleWhoseInstantsPass_NeedsAttention()
    {
        var clock = new FakeTimeProvider(Start);
        await using var coordinator = await TestCoordinator.StartAsync(clock);
        await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(TestPolicies.Every(TimeSpan.FromHours(1)));
        await coordinator.Store.WriteAsync(transaction => transaction.Execute(
            "CREATE TRIGGER broken BEFORE UPDATE OF covered_until ON policy_hosts BEGIN SELECT RAISE(ABORT, 'broken'); END"));
        clock.Advance(TimeSpan.FromHours(1));

        await AdvanceUntilAsync(coordinator, clock, "policy.schedule_stalled");

        Assert.Equal("photos", (await AttentionAsync(coordinator, "schedule_stalled")).Policy);
        await coordinator.Store.WriteAsync(transaction => transaction.Execute("DROP TRIGGER broken"));
        await AdvanceUntilAsync(coordinator, clock, "policy.schedule_resumed");
        await AdvanceUntilAsync(coordinator, clock, "run.queued");
    }

    private static Task<Attention> AttentionAsync(TestCoordinator coordinator, string code) =>
        FirstAsync(
            async () =>
                (await coordinator.Fleet.GetStatusAsync(new GetStatusRequest())).Attention.FirstOrDefault(item => item.Code == code),
            code);

    private static async Task<T> FirstAsync<T>(Func<Task<T?>> read, string what)
        where T : class => (await Eventually.GetAsync(read, static found => found is not null, what))!;

    private static async Task AdvanceUntilAsync(TestCoordinator coordinator, FakeTimeProvider clock, string type) =>
        await Eventually.GetAsync(
            async () =>
            {
                clock.Advance(TimeSpan.FromSeconds(15));
                await coordinator.SettleAsync();
                return await coordinator.AllEventsAsync(0, type);
            },
            static events => events.Count > 0,
            type);
}
