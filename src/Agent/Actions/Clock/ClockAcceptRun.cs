using Fleet.Agent.Logging;
using Fleet.Agent.Retention;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Agent.Actions.Clock;

/// <summary>
/// The action "clock.accept": a person looked at the clock after a jump and says that it is right, so that the next pass of a retention
/// trusts it. One that is not synchronised is not accepted. Repeating it changes nothing.
/// </summary>
internal sealed class ClockAcceptRun(RetentionClock clock) : IAction
{
    public Protocol.V1.Action.KindOneofCase Kind => Protocol.V1.Action.KindOneofCase.ClockAccept;

    public Task<ActionResult> RunAsync(ActionContext context, CancellationToken cancellationToken)
    {
        var dryRun = context.Action.ClockAccept.DryRun;
        try
        {
            var found = clock.Accept(remember: !dryRun);
            return Task.FromResult(new ActionResult
            {
                Outcome = found.IsSynchronised ? ActionOutcome.Succeeded : ActionOutcome.Failed,
                Message = !found.IsSynchronised
                    ? $"the clock is not accepted, because it is not synchronised (see timedatectl); {found.Facts}"
                    : !found.IsNeeded ? $"there is nothing to accept, the clock is trusted; {found.Facts}"
                    : dryRun ? $"dry run: the clock would be accepted; {found.Facts}"
                    : $"the clock is accepted; {found.Facts}",
                ClockAccept = new ClockAcceptResult
                {
                    Accepted = found.IsAccepted && !dryRun,
                    Now = Timestamp.FromDateTimeOffset(found.Now.Wall),
                    TrustedAt = found.Trusted is { } trusted ? Timestamp.FromDateTimeOffset(trusted.Wall) : null,
                    Jump = found.Jump is { } jump ? Duration.FromTimeSpan(jump) : null,
                },
            });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Task.FromResult(
                ToolOutcome.Failed($"the clock is not accepted, because it could not be judged: {LogText.Escape(e.Message)}"));
        }
    }
}
