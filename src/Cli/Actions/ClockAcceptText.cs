using Fleet.Protocol.V1;

namespace Fleet.Cli.Actions;

/// <summary>What a person says of a clock.</summary>
internal sealed class ClockAcceptText() : ActionText<ClockAcceptAction>(ActionCase.ClockAccept, static action => action.ClockAccept)
{
    protected override string Words(ClockAcceptAction action) =>
        "accepts the clock as it is";
}
