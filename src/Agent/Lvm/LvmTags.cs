using Fleet.Protocol.Edge;

namespace Fleet.Agent.Lvm;

/// <summary>
/// The tags of Fleet's snapshots: what they mean and who owns them. Pure. Tags are not inherited, but anybody can set them.
/// </summary>
internal static class LvmTags
{
    private const string Mark = "fleet", Policy = "fleet.policy=", Run = "fleet.run=", Safety = "fleet.safety=";
    private const int RunIdLength = 32;

    /// <summary>On a snapshot that a person has protected.</summary>
    public const string Protected = "fleet.protected";

    /// <param name="policy">Empty for a run without a policy.</param>
    public static IReadOnlyList<string> Create(string policy, string runId) =>
        policy.Length == 0 ? [Mark, Run + runId] : [Mark, Policy + policy, Run + runId];

    /// <summary>Of the state before a restore. No policy owns it.</summary>
    public static IReadOnlyList<string> CreateSafety(string runId) => [Mark, Run + runId, Safety + runId];

    /// <summary>It is what the volume was before this run.</summary>
    public static bool IsSafetyOf(IReadOnlyList<string> tags, string runId) => tags.Contains(Mark) && tags.Contains(Safety + runId);

    /// <summary>It was made by this run.</summary>
    public static bool IsOfRun(IReadOnlyList<string> tags, string runId) => tags.Contains(Mark) && tags.Contains(Run + runId);

    /// <returns>
    /// The policies that own a snapshot, one for each tag fleet.policy. Empty if nobody does, or if these are not tags that Fleet writes.
    /// Such a snapshot is somebody else's.
    /// </returns>
    public static IReadOnlyList<string> Owners(IReadOnlyList<string> tags)
    {
        string[] owners = [.. tags.Where(t => t.StartsWith(Policy,
            StringComparison.Ordinal)).Select(t => t[Policy.Length..]).Distinct().Order(StringComparer.Ordinal)];
        return IsFleets(tags) && owners.All(WireNames.IsPolicy) ? owners : [];
    }

    /// <summary>A person has protected it.</summary>
    public static bool IsProtected(IReadOnlyList<string> tags) => tags.Contains(Protected);

    /// <summary>The run that made a snapshot. Empty if it is not a snapshot of Fleet's.</summary>
    public static string RunOf(IReadOnlyList<string> tags) =>
        tags.Contains(Mark) && tags.Where(IsRun).ToList() is [var run] ? run[Run.Length..] : "";

    /// <summary>Fleet made it, for a policy or on request.</summary>
    public static bool IsFleets(IReadOnlyList<string> tags) => RunOf(tags).Length > 0;

    private static bool IsRun(string tag) =>
        tag.StartsWith(Run, StringComparison.Ordinal)
            && tag.Length == Run.Length + RunIdLength
            && tag.Skip(Run.Length).All(char.IsAsciiHexDigitLower);
}
