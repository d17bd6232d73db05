using System.Runtime.InteropServices;
using System.Text;
using Fleet.Agent.Native;
using Mono.Unix.Native;

namespace Fleet.Agent.Files;

/// <summary>What must be known of files and .NET does not tell: owners, and canonical paths of raw bytes.</summary>
internal static class FileFacts
{
    private const int NoEntry = 2;

    public static uint EffectiveUser => Syscall.geteuid();

    /// <summary>Owner and mode of what a path names itself; links are not followed. Null if it cannot be inspected.</summary>
    public static (uint Owner, int Mode)? Look(string path) => Look(Encoding.UTF8.GetBytes(path));

    /// <inheritdoc cref="Look(string)"/>
    public static (uint Owner, int Mode)? Look(ReadOnlySpan<byte> path) => NativeMethods.Look(path);

    /// <summary>
    /// The path without links, "." and doubled slashes; of one that does not exist, the part that does is resolved and the
    /// rest appended.
    /// </summary>
    /// <param name="problem">Why there is none: not absolute, "..", a zero byte, a dangling link, a loop, no access.</param>
    public static byte[]? Canonical(ReadOnlySpan<byte> path, out string problem)
    {
        if (Components(path, out problem) is not { } components)
        {
            return null;
        }

        for (var existing = components.Count; existing >= 0; existing--)
        {
            var head = Join([], components.Take(existing));
            if (NativeMethods.RealPath(head) is { } real)
            {
                return Join(real, components.Skip(existing));
            }

            var error = Marshal.GetLastPInvokeError();
            if (error != NoEntry)
            {
                problem = $"cannot be resolved: {Marshal.GetPInvokeErrorMessage(error)}";
                return null;
            }

            if (Look(head) is not null)
            {
                problem = "leads through a link to something that does not exist";
                return null;
            }
        }

        problem = "cannot be resolved";
        return null;
    }

    private static List<byte[]>? Components(ReadOnlySpan<byte> path, out string problem)
    {
        problem = "";
        if (path.IsEmpty || path[0] != (byte)'/')
        {
            problem = "is not absolute";
            return null;
        }

        if (path.Contains((byte)0))
        {
            problem = "contains a NUL byte";
            return null;
        }

        List<byte[]> components = [];
        foreach (var range in path.Split((byte)'/'))
        {
            var component = path[range];
            if (component.SequenceEqual(".."u8))
            {
                problem = "holds \"..\"";
                return null;
            }

            if (!component.IsEmpty && !component.SequenceEqual("."u8))
            {
                components.Add(component.ToArray());
            }
        }

        return components;
    }

    /// <summary>True: <paramref name="path"/> is <paramref name="root"/> or lies below it. Both are canonical.</summary>
    public static bool IsWithin(ReadOnlySpan<byte> path, ReadOnlySpan<byte> root) =>
        root.SequenceEqual("/"u8) || (path.StartsWith(root) && (path.Length == root.Length || path[root.Length] == (byte)'/'));

    /// <summary>Where a symbolic link leads. Null if it is not one, or if it cannot be read.</summary>
    public static byte[]? LinkTarget(ReadOnlySpan<byte> path)
    {
        const int PathMax = 4096;
        var link = NativeMethods.Open(path, NativeMethods.PathOnly | NativeMethods.NoFollow);
        if (link < 0)
        {
            return null;
        }

        var target = new byte[PathMax];
        var length = Syscall.readlinkat(link, "", target);
        _ = Syscall.close(link);
        return length is < 0 or PathMax ? null : target[..(int)length];
    }

    /// <summary>
    /// The path as it is written, without "." and doubled slashes; links are not looked at.
    /// </summary>
    /// <param name="problem">Why there is none: not absolute, "..", a zero byte.</param>
    public static byte[]? Plain(ReadOnlySpan<byte> path, out string problem) =>
        Components(path, out problem) is { } components ? Join([], components) : null;

    private static byte[] Join(byte[] head, IEnumerable<byte[]> components)
    {
        List<byte> joined = [.. head];
        if (joined is [(byte)'/'])
        {
            joined.Clear();
        }

        foreach (var component in components)
        {
            joined.Add((byte)'/');
            joined.AddRange(component);
        }

        return joined.Count == 0 ? "/"u8.ToArray() : [.. joined];
    }
}
