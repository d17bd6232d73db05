using Fleet.Agent.Tools;

namespace Fleet.Agent.Actions.Lvm;

/// <summary>
/// Argument vectors of blkid(8), mount(8) and umount(8) for a snapshot that is only to be read. Pure. Its file system was in use when the
/// snapshot was made: it is mounted without its log being replayed, because that would write to the snapshot, even of a mount that is "ro".
/// </summary>
internal static class LvmMountCommands
{
    private const string Options = "ro,nodev,nosuid,noexec";

    /// <summary>
    /// File systems that can be mounted so, by the name that blkid has for them: ext4(5) noload; xfs(5) norecovery, and nouuid beside its
    /// origin.
    /// </summary>
    private static readonly Dictionary<string, string> OptionsOf = new(StringComparer.Ordinal)
    {
        ["ext2"] = Options,
        ["ext3"] = $"{Options},noload",
        ["ext4"] = $"{Options},noload",
        ["xfs"] = $"{Options},nouuid,norecovery",
    };

    public static string KnownTypes => string.Join(", ", OptionsOf.Keys);

    public static bool IsKnown(string type) => OptionsOf.ContainsKey(type);

    /// <summary>blkid: prints the name of the file system, and nothing where there is none. Reads the device, no cache.</summary>
    public static IReadOnlyList<ToolArgument> Probe(string device) => ["-p", "-s", "TYPE", "-o", "value", device];

    /// <param name="type"><see cref="IsKnown"/>.</param>
    public static IReadOnlyList<ToolArgument> Mount(string type, string device, byte[] point) =>
        ["-t", type, "-o", OptionsOf[type], device, new ToolArgument(point)];

    public static IReadOnlyList<ToolArgument> Unmount(byte[] point) => [new ToolArgument(point)];
}
