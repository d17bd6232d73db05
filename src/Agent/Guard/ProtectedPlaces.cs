using System.Text;
using Fleet.Agent.Files;
using Fleet.Agent.Host;
using Fleet.Agent.Logging;

namespace Fleet.Agent.Guard;

/// <summary>
/// What decides over this host, and so is outside every rule: the folders of the guard file and of the configuration, the agent's state and
/// its program, keys and passwords of other hosts. Nothing of it is ever written to, nor read as a source.
/// </summary>
/// <param name="Folders">Absolute, without links.</param>
/// <param name="Programs">The agent's own.</param>
/// <param name="Secrets">Files with keys and passwords.</param>
internal sealed record ProtectedPlaces(IReadOnlyList<byte[]> Folders, IReadOnlyList<byte[]> Programs, IReadOnlyList<byte[]> Secrets)
{
    /// <param name="folders">As they are configured.</param>
    /// <param name="secrets">Of the rules and of the action. May be empty texts.</param>
    /// <param name="mounts">What is mounted twice has two names. Null if names are to be taken as they are.</param>
    public static ProtectedPlaces Of(IEnumerable<string> folders, IEnumerable<string> secrets, MountTable? mounts = null)
    {
        var files = Everywhere(Real(secrets.Where(s => s.Length > 0)), mounts);
        var all = Everywhere(Real(folders), mounts);
        return new ProtectedPlaces(
            [.. all, .. mounts is null ? [] : InSnapshots([.. all, .. files], mounts)],
            Everywhere(Real(Environment.ProcessPath is { } program ? [program] : []), mounts),
            files);
    }

    /// <summary>Why nothing may be written at a path, which has no links. Null if nothing of this is there.</summary>
    public string? WriteProblem(byte[] path) =>
        Folders.Concat(Secrets).Concat(Programs).FirstOrDefault(
            p => FileFacts.IsWithin(path, p) || FileFacts.IsWithin(p, path)) is { } place
            ? $"{LogText.Escape(path)} holds {LogText.Escape(place)}, or lies in it: what controls this host is outside every rule"
            : null;

    /// <summary>Why nothing may be read at a path, which has no links. Null if it may, except for <see cref="Below"/>.</summary>
    public string? ReadProblem(byte[] path) =>
        Folders.Concat(Secrets).FirstOrDefault(p => FileFacts.IsWithin(path, p)) is { } place
            ? $"{LogText.Escape(path)} is {LogText.Escape(place)}, or lies in it: what controls this host is outside every rule"
            : null;

    /// <summary>What a tool that reads a folder must not see.</summary>
    public IReadOnlyList<byte[]> Below(byte[] path) => [.. Folders.Concat(Secrets).Where(p => FileFacts.IsWithin(p, path))];

    /// <summary>
    /// With the other names that bind mounts, and further mounts of the same file system, give to them or to a part of them.
    /// </summary>
    private static IReadOnlyList<byte[]> Everywhere(IReadOnlyList<byte[]> places, MountTable? mounts) =>
        mounts is null ? places : [.. places.Concat(places.SelectMany(p => Others(p, mounts))).DistinctBy(Convert.ToHexString)];

    /// <summary>A dataset shows its snapshots, and with them what such a place held, in its folder .zfs: zfsprops(7), snapdir.</summary>
    private static IEnumerable<byte[]> InSnapshots(IReadOnlyList<byte[]> places, MountTable mounts) =>
        places.Select(p => mounts.Of(p)).OfType<Mount>().Where(m => m.Type == "zfs").Select(m => Join(m.Point, ".zfs"u8)).DistinctBy(
            Convert.ToHexString);

    private static IEnumerable<byte[]> Others(byte[] place, MountTable mounts)
    {
        if (mounts.Of(place) is not { } mount)
        {
            yield break;
        }

        var inside = Join(mount.Root, place.AsSpan(mount.Point is [(byte)'/'] ? 0 : mount.Point.Length));
        foreach (var other in mounts.Mounts.Where(m => m.Id != mount.Id && m.Device == mount.Device))
        {
            var name = FileFacts.IsWithin(inside, other.Root)
                ? Join(other.Point, inside.AsSpan(other.Root is [(byte)'/'] ? 0 : other.Root.Length))
                : FileFacts.IsWithin(other.Root, inside) ? other.Point
                : null;
            if (name is not null && mounts.Of(name)?.Id == other.Id)
            {
                yield return name;
            }
        }
    }

    private static byte[] Join(byte[] head, ReadOnlySpan<byte> below)
    {
        below = below.TrimStart((byte)'/');
        return below.IsEmpty ? head : head is [(byte)'/'] ? [(byte)'/', .. below] : [.. head, (byte)'/', .. below];
    }

    private static IReadOnlyList<byte[]> Real(IEnumerable<string> paths) =>
        [.. paths.Select(p => FileFacts.Canonical(Encoding.UTF8.GetBytes(Path.GetFullPath(p)), out _)).OfType<byte[]>().DistinctBy(
            Convert.ToHexString)];
}
