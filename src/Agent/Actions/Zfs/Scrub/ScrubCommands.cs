using Fleet.Agent.Tools;

namespace Fleet.Agent.Actions.Zfs.Scrub;

/// <summary>Argument vectors of zpool-scrub(8). Pure.</summary>
internal static class ScrubCommands
{
    /// <summary>Starts one, or resumes one that was paused.</summary>
    public static IReadOnlyList<ToolArgument> Start(string pool) => ["scrub", pool];

    public static IReadOnlyList<ToolArgument> Pause(string pool) => ["scrub", "-p", pool];

    public static IReadOnlyList<ToolArgument> Stop(string pool) => ["scrub", "-s", pool];
}
