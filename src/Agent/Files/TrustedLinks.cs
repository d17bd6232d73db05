using System.Text;
using Fleet.Agent.Logging;

namespace Fleet.Agent.Files;

/// <summary>
/// Resolves the symbolic links of a path that an administrator wrote, such as /home, which may be a link to /data/home. A link is followed
/// only where nobody but root could have made or moved it: it, and every folder above it, belong to root and cannot be written by others.
/// </summary>
internal static class TrustedLinks
{
    private const int MaxLinks = 40;
    private const int TypeMask = 0xF000, Link = 0xA000, GroupOrOthersWrite = 0x12;

    /// <summary>
    /// Absolute, without links; what does not exist is kept as it is written. Null if <paramref name="problem"/> says why. Safe to show.
    /// </summary>
    public static byte[]? Resolve(ReadOnlySpan<byte> path, out string problem)
    {
        problem = "";
        var left = new LinkedList<byte[]>(Parts(path));
        List<byte[]> real = [];
        var trusted = IsOnlyRoots(FileFacts.Look("/"u8));
        var links = 0;
        while (left.First is { } first)
        {
            left.RemoveFirst();
            if (first.Value.AsSpan().SequenceEqual(".."u8))
            {
                real.RemoveRange(Math.Max(0, real.Count - 1), Math.Min(1, real.Count));
                continue;
            }

            var here = Path([.. real, first.Value]);
            var facts = FileFacts.Look(here);
            if (facts is not { } found || (found.Mode & TypeMask) != Link)
            {
                real.Add(first.Value);
                trusted &= IsOnlyRoots(facts);
                continue;
            }

            if (!trusted || !IsRoots(found.Owner))
            {
                problem = $"leads through the link {LogText.Escape(here)}, which users other than root could have made: a link is "
                    + $"followed only where it and every folder above it belong to root and nobody else may write there";
                return null;
            }

            if (++links > MaxLinks || FileFacts.LinkTarget(here) is not { Length: > 0 } target)
            {
                problem = $"leads through too many links at {LogText.Escape(here)}";
                return null;
            }

            if (target[0] == '/')
            {
                real.Clear();
            }

            foreach (var part in Enumerable.Reverse(Parts(target)))
            {
                left.AddFirst(part);
            }
        }

        return Path(real);
    }

    private static bool IsOnlyRoots((uint Owner, int Mode)? facts) =>
        facts is { } f && IsRoots(f.Owner) && (f.Mode & GroupOrOthersWrite) == 0;

    private static bool IsRoots(uint owner) => owner == 0 || owner == FileFacts.EffectiveUser;

    private static List<byte[]> Parts(ReadOnlySpan<byte> path)
    {
        List<byte[]> parts = [];
        foreach (var range in path.Split((byte)'/'))
        {
            if (!path[range].IsEmpty && !path[range].SequenceEqual("."u8))
            {
                parts.Add(path[range].ToArray());
            }
        }

        return parts;
    }

    private static byte[] Path(List<byte[]> parts) =>
        parts.Count == 0 ? Encoding.ASCII.GetBytes("/") : [.. parts.SelectMany(p => (byte[])[(byte)'/', .. p])];
}
