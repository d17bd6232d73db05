using Fleet.Agent.Host;

namespace Fleet.Agent.Actions.Restore;

/// <summary>
/// What decides over this host, as a snapshot may hold it: a snapshot of the file system that /etc lies on has the guard file, and a
/// restore would give it to whoever reads the destination. Looked for at the same place below the snapshot's root, of whichever file system
/// it is. Pure.
/// </summary>
internal static class HostSecrets
{
    /// <summary>Where the places lie below the root of their file system, without a leading slash.</summary>
    /// <param name="places">Absolute, without links.</param>
    public static IReadOnlyList<byte[]> InSnapshots(IReadOnlyList<byte[]> places, MountTable mounts) =>
        [.. places.Select(p => mounts.Of(p) is { } mount ? Join(mount.Root, p.AsSpan(mount.Point.Length)) : p[1..])];

    /// <summary>True if a path in a snapshot is one of them, or lies in one.</summary>
    /// <param name="hidden">As <see cref="InSnapshots"/> gives it.</param>
    public static bool Holds(IReadOnlyList<byte[]> hidden, byte[] path) => hidden.Any(h => IsWithin(path, h));

    /// <summary>What a folder that is restored must not show, relative to it.</summary>
    public static IReadOnlyList<byte[]> Below(IReadOnlyList<byte[]> hidden, byte[] folder) =>
        [.. hidden.Where(h => h.Length > folder.Length && IsWithin(h, folder)).Select(
            h => folder.Length == 0 ? h : h[(folder.Length + 1)..])];

    private static bool IsWithin(ReadOnlySpan<byte> path, ReadOnlySpan<byte> folder) =>
        folder.IsEmpty || (path.StartsWith(folder) && (path.Length == folder.Length || path[folder.Length] == (byte)'/'));

    /// <summary>The root of a bind mount or subvolume counts, too.</summary>
    private static byte[] Join(ReadOnlySpan<byte> root, ReadOnlySpan<byte> below)
    {
        root = root.Trim((byte)'/');
        below = below.Trim((byte)'/');
        return root.IsEmpty ? below.ToArray() : below.IsEmpty ? root.ToArray() : [.. root, (byte)'/', .. below];
    }
}
