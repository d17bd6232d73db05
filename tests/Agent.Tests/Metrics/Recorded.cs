using Fleet.Agent.Host;

namespace Fleet.Agent.Tests.Metrics;

/// <summary>Trees of /proc and /sys that were recorded: see recorded/README.md.</summary>
internal static class Recorded
{
    public static HostPaths Plain { get; } = Tree("plain");

    public static HostPaths Storage { get; } = Tree("storage");

    public static string File(string relative) => Path.Join(AppContext.BaseDirectory, "Metrics", "recorded", relative);

    private static HostPaths Tree(string name)
    {
        var root = File($"linux-6.18/{name}");
        return new HostPaths(Path.Join(root, "proc"), Path.Join(root, "sys"), Path.Join(root, "etc"), Path.Join(root, "run"));
    }
}
