using Fleet.Agent.Actions.Clock;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Agent.Tests.Actions.Clock;

/// <summary>A clock that jumped, and a person's word for it.</summary>
public sealed class ClockAcceptRunTests : IDisposable
{
    private static readonly TimeSpan Jump = TimeSpan.FromHours(2);
    private readonly PruneHost _host = new();

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Run_AfterAJump_SaysWhatItWasAndTheNextPassGoesOn()
    {
        JumpAfterAPass();
        Assert.NotNull(_host.RetentionClock.Check(remember: true).Refusal);

        var result = await RunAsync();

        Assert.Equal(
            (ActionOutcome.Succeeded, "the clock is accepted; it was 2026-11-20T20:55:00Z at the last trusted pass, is 2026-11-20T22:55:00Z now, and jumped by +2h in between"),
            (result.Outcome, result.Message));
        Assert.Equal(
            new ClockAcceptResult
            {
                Accepted = true,
                TrustedAt = Timestamp.FromDateTimeOffset(TestRun.Instant),
                Now = Timestamp.FromDateTimeOffset(TestRun.Instant + Jump),
                Jump = Duration.FromTimeSpan(Jump),
            },
            result.ClockAccept);
        Assert.Null(_host.RetentionClock.Check(remember: true).Refusal);
    }

    [Fact]
    public async Task Run_ASecondAttempt_ChangesNothingMore()
    {
        JumpAfterAPass();
        await RunAsync();

        var again = await RunAsync();

        Assert.Equal((ActionOutcome.Succeeded, false), (again.Outcome, again.ClockAccept.Accepted));
        Assert.StartsWith("there is nothing to accept", again.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_DryRun_SaysTheSameAndAcceptsNothing()
    {
        JumpAfterAPass();

        var result = await RunAsync(dryRun: true);

        Assert.Equal(
            (ActionOutcome.Succeeded, false, Duration.FromTimeSpan(Jump)),
            (result.Outcome, result.ClockAccept.Accepted, result.ClockAccept.Jump));
        Assert.StartsWith("dry run: the clock would be accepted", result.Message, StringComparison.Ordinal);
        Assert.NotNull(_host.RetentionClock.Check(remember: true).Refusal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Run_ClockThatIsNotSynchronised_IsNotAccepted(bool dryRun)
    {
        JumpAfterAPass();
        _host.IsSynchronised = false;

        var result = await RunAsync(dryRun);

        Assert.Equal((ActionOutcome.Failed, false, false), (result.Outcome, result.ClockAccept.Accepted, result.Retryable));
        Assert.Contains("because it is not synchronised", result.Message, StringComparison.Ordinal);
        _host.IsSynchronised = true;
        Assert.NotNull(_host.RetentionClock.Check(remember: true).Refusal);
    }

    [Fact]
    public async Task Run_MemoryThatIsDamaged_IsNotGuessedAt()
    {
        _host.Remember("{");

        var result = await RunAsync();

        Assert.Equal(ActionOutcome.Failed, result.Outcome);
        Assert.Contains("could not be judged", result.Message, StringComparison.Ordinal);
    }

    private void JumpAfterAPass()
    {
        Assert.Null(_host.RetentionClock.Check(remember: true).Refusal);
        _host.Clock.Advance(Jump);
    }

    private Task<ActionResult> RunAsync(bool dryRun = false) =>
        new ClockAcceptRun(_host.RetentionClock).RunAsync(
            TestRun.For(new Protocol.V1.Action { ClockAccept = new ClockAcceptAction { DryRun = dryRun } }),
            TestContext.Current.CancellationToken);
}
