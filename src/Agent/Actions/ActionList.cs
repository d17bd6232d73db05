namespace Fleet.Agent.Actions;

/// <summary>Every action that this agent can do: one line each.</summary>
internal static class ActionList
{
    public static IReadOnlyList<IAction> Create() =>
    [
    ];
}
