namespace Fleet.EndToEnd.Machines;

/// <summary>
/// A control group of its own for each machine: systemd-nspawn(1) with --keep-unit hands the group that it runs in to
/// the machine's systemd, and two of those in one group would take each other's processes for their own.
/// </summary>
internal static class ControlGroup
{
    // The hierarchies that systemd itself uses: version 2 alone, or "systemd" and "unified" side by side (hybrid).
    private static readonly string[] Hybrid = ["/sys/fs/cgroup/systemd", "/sys/fs/cgroup/unified"];

    public static IReadOnlyList<string> Folders(string name)
    {
        IEnumerable<string> hierarchies = File.Exists("/sys/fs/cgroup/cgroup.controllers")
            ? ["/sys/fs/cgroup"]
            : Hybrid.Where(Directory.Exists);
        return [.. hierarchies.Select(hierarchy => Path.Combine(hierarchy, name))];
    }

    /// <summary>Removes the group and those inside it.</summary>
    public static void Remove(string name)
    {
        foreach (var folder in Folders(name).Where(Directory.Exists))
        {
            RemoveFolder(folder);
        }
    }

    private static void RemoveFolder(string folder)
    {
        foreach (var inner in Directory.GetDirectories(folder))
        {
            RemoveFolder(inner);
        }

        try
        {
            Directory.Delete(folder);
        }
        catch (IOException)
        {
            // Still in use: the next run, which removes leftovers first, gets it.
        }
    }
}
