namespace Fleet.Actions;

/// <summary>Why some kinds are offered in one place only. Part of messages to people: what precedes is the name of a field.</summary>
internal static class Reasons
{
    public const string SingleSnapshots = "names single snapshots: that is for one run, and does not belong in a policy";

    public const string OnlyPoliciesPrune =
        "only policies prune: what goes and what stays must be written down where everybody can read it";
}
