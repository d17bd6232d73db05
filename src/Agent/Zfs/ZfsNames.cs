using System.Text;

namespace Fleet.Agent.Zfs;

/// <summary>
/// Which names ZFS takes: zfs(8) and zfs_namecheck.c. Names that pass hold no tab, line end, comma or slash at the wrong place,
/// so they can be columns of a line and members of a list, and none can be taken for an option.
/// </summary>
internal static class ZfsNames
{
    /// <summary>ZFS_MAX_DATASET_NAME_LEN without its NUL, for the whole name with '@' and snapshot. Unit: bytes.</summary>
    public const int MaxBytes = 255;

    /// <summary>The whole name of a snapshot is within the limit.</summary>
    /// <param name="snapshot">Its part after '@'.</param>
    public static bool Fits(string dataset, string snapshot) =>
        Encoding.UTF8.GetByteCount(dataset) + 1 + Encoding.UTF8.GetByteCount(snapshot) <= MaxBytes;

    /// <summary>A pool: letters, digits, '-', '_', '.', ':' and ' ', starting with a letter.</summary>
    public static bool IsPool(ReadOnlySpan<char> name) => IsComponent(name) && char.IsAsciiLetter(name[0]) && name.Length <= MaxBytes;

    /// <summary>A file system or volume: a pool, or components below it, separated by '/'.</summary>
    public static bool IsDataset(ReadOnlySpan<char> name)
    {
        if (name.Length > MaxBytes)
        {
            return false;
        }

        var first = true;
        foreach (var range in name.Split('/'))
        {
            if (first ? !IsPool(name[range]) : !IsComponent(name[range]) || name[range] is "." or "..")
            {
                return false;
            }

            first = false;
        }

        return true;
    }

    /// <summary>What follows the '@' of a snapshot or the '#' of a bookmark.</summary>
    public static bool IsSnapshotPart(ReadOnlySpan<char> name) => IsComponent(name);

    /// <summary>The pool of a dataset or snapshot.</summary>
    public static string PoolOf(string name) => name.AsSpan().IndexOfAny('/', '@', '#') is var end and >= 0 ? name[..end] : name;

    /// <summary><paramref name="dataset"/> is <paramref name="root"/> or lies below it.</summary>
    public static bool IsWithin(string dataset, string root) =>
        dataset.StartsWith(root, StringComparison.Ordinal) && (dataset.Length == root.Length || dataset[root.Length] == '/');

    private static bool IsComponent(ReadOnlySpan<char> name)
    {
        foreach (var c in name)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.' or ':' or ' '))
            {
                return false;
            }
        }

        return !name.IsEmpty;
    }
}
