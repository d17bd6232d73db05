using Fleet.Coordinator.Limits;
using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Fleet.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Fleet.Coordinator.Tests.Limits;

public sealed class HostBudgetTests
{
    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void TakeLines_MoreThanTheBurst_TakesTheFirst_AndLaterAsManyAsASecondAllows()
    {
        var budget = new HostBudget(_clock);

        Assert.Equal(HostLimits.LineBurst, budget.TakeLines(Enumerable.Repeat(10L, 10_000)));
        Assert.Equal(0, budget.TakeLines([10]));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(HostLimits.LinesPerSecond, budget.TakeLines(Enumerable.Repeat(10L, 10_000)));
    }

    [Fact]
    public void TakeLines_LongOnes_AreCountedInBytes()
    {
        var budget = new HostBudget(_clock);

        Assert.Equal(HostLimits.LineBytesBurst / 8_192, budget.TakeLines(Enumerable.Repeat(8_192L, 2_000)));
    }

    [Fact]
    public void TryDurable_OverDays_IsBoundedInAll()
    {
        var budget = new HostBudget(_clock);
        var taken = 0L;
        for (var minute = 0; minute < 24 * 60; minute++)
        {
            while (budget.TryDurable(1024 * 1024))
            {
                taken += 1024 * 1024;
            }

            _clock.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.InRange(taken, HostLimits.DurableStock, HostLimits.DurableStock + HostLimits.DurablePerDay);
    }

    [Fact]
    public async Task BudgetOverDays_IsKeptOverARestart_AndComesBackWithTime()
    {
        await using var coordinator = await TestCoordinator.StartAsync(_clock);
        var agent = await coordinator.EnrolAsync("nas");
        var budget = coordinator.Services.GetRequiredService<HostBudgets>().Of(agent.HostId);
        while (budget.TryDurable(1024 * 1024))
        {
            _clock.Advance(TimeSpan.FromMinutes(1));
        }

        await using (var session = await agent.OpenAsync())
        {
            await TellAsync(agent, session);
        }

        await coordinator.RestartAsync();
        await using var again = await agent.OpenAsync();
        await TellAsync(agent, again);
        var after = coordinator.Services.GetRequiredService<HostBudgets>().Of(agent.HostId);
        Assert.False(after.TryDurable(1024 * 1024));

        _clock.Advance(TimeSpan.FromDays(1));
        Assert.True(after.TryDurable(8 * 1024 * 1024));
        Assert.False(after.TryDurable(16 * 1024 * 1024));
    }

    private static async Task TellAsync(ScriptedAgent agent, ScriptedSession session)
    {
        await session.SendAsync(agent.Entry(new AgentNotice { Code = "started", Message = "hello" }));
        await session.AcknowledgedAsync(agent.Sequence);
    }

    [Fact]
    public void Exceeded_ManyTimes_IsOneEpisodeUntilItHasBeenQuiet()
    {
        var budget = new HostBudget(_clock);

        Assert.True(budget.Exceeded(Budget.Durable));
        _clock.Advance(HostLimits.EpisodeQuiet / 2);
        Assert.False(budget.Exceeded(Budget.Durable, 5));
        Assert.True(budget.Exceeded(Budget.LogLines));
        Assert.Equal(6, budget.Episodes().Single(found => found.Budget == Budget.Durable).Episode.Amount);
        _clock.Advance(HostLimits.EpisodeQuiet);
        Assert.Empty(budget.Episodes());
        Assert.True(budget.Exceeded(Budget.Durable));
    }
}
