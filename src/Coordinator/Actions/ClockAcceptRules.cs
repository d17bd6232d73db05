using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Actions;

/// <summary>Accepts the clock of a host as right.</summary>
internal sealed class ClockAcceptRules() : ActionRules<ClockAcceptAction>(ActionCase.ClockAccept, static action => action.ClockAccept)
{
    protected override void Validate(ClockAcceptAction action, string path, ActionFindings findings)
    {
    }

    public override void AddEventAttributes(ActionResult result, bool isDryRun, EventAttributes attributes)
    {
        if (result.ClockAccept is { } clock)
        {
            attributes.Add("accepted", clock.Accepted ? "true" : "false");
            attributes.Add("clock_was", WireTime.InstantOf(clock.TrustedAt));
            attributes.Add("clock_is", WireTime.InstantOf(clock.Now));
            if (clock.Jump is { } jump)
            {
                attributes.Add("jump_seconds", jump.Seconds);
            }
        }
    }
}
