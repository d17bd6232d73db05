namespace Fleet.Actions;

/// <summary>Actions that touch neither trees of files nor storage.</summary>
internal static class OtherActions
{
    public static readonly ActionKind Command = new ActionKind<CommandAction>(ActionCase.Command, "command", static action =>
        action.Command)
    {
        Named = static command => command.Program,
    };

    public static readonly ActionKind ClockAccept = new ActionKind<ClockAcceptAction>(
        ActionCase.ClockAccept, "clock_accept", static action => action.ClockAccept)
    {
        Named = static _ => "",
        DryRun = (static accept => accept.DryRun, static accept => accept.DryRun = true),
        NotInPoliciesBecause = "is for one run: a person must check the clock first",
    };
}
