using Fleet.Protocol.V1;

namespace Fleet.Cli.Actions;

/// <summary>A person's statement that a clock is right.</summary>
internal sealed class ClockAcceptText() : ActionText<ClockAcceptAction>(ActionCase.ClockAccept, static action => action.ClockAccept)
{
    protected override string Words(ClockAcceptAction action) =>
        "accepts the clock as it is";
}
