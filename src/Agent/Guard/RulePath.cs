using Fleet.Agent.Files;
using Fleet.Agent.Logging;

namespace Fleet.Agent.Guard;

/// <summary>Finds out whether a rule's folder holds a path, and opens the path beneath it.</summary>
/// <param name="Root">The rule's folder, absolute and without links.</param>
/// <param name="Below">The path relative to it. Empty for the folder itself.</param>
/// <param name="Problem">Why the rule's folder cannot be used. Empty if it can.</param>
internal readonly record struct RulePath(byte[] Root, byte[] Below, string Problem)
{
    /// <summary>Absolute, without links but those that would make <see cref="Open"/> fail.</summary>
    public byte[] Path => Below.Length == 0 ? Root : [.. Root is [(byte)'/'] ? [] : Root, (byte)'/', .. Below];

    /// <summary>
    /// Links in the rule's own path are followed where only root can have made them, and so are those in front of the rule's folder in a
    /// path that is written in another way than the rule.
    /// </summary>
    /// <param name="rule">Absolute, as in the guard file.</param>
    /// <param name="path">As <see cref="FileFacts.Plain"/> gives it.</param>
    /// <returns>Null if the rule does not hold the path.</returns>
    public static RulePath? Of(ReadOnlySpan<byte> rule, ReadOnlySpan<byte> path)
    {
        if (FileFacts.Plain(rule, out _) is not { } plain)
        {
            return null;
        }

        var root = TrustedLinks.Resolve(plain, out var problem);
        if (FileFacts.IsWithin(path, plain))
        {
            return new RulePath(root ?? plain, Rest(path, plain), root is null ? $"the rule's path {LogText.Escape(plain)} {problem}" : "");
        }

        return root is null ? null
            : FileFacts.IsWithin(path, root) ? new RulePath(root, Rest(path, root), "")
            : TrustedLinks.Resolve(path, out _) is { } real && FileFacts.IsWithin(real, root) ? new RulePath(root, Rest(real, root), "")
            : null;
    }

    /// <param name="problem">Why it is refused, safe to show: a part below the rule's folder is a link.</param>
    public GuardedPath? Open(out string problem)
    {
        problem = "";
        var (root, below) = (Root, Below);
        if (below.Length == 0 && root.Length > 1)
        {
            // The rule may name a file, or what does not exist yet.
            var slash = root.AsSpan().LastIndexOf((byte)'/');
            (root, below) = (slash == 0 ? "/"u8.ToArray() : root[..slash], root[(slash + 1)..]);
        }

        try
        {
            using var rule = OpenPath.Folder(root);
            if (GuardedPath.Open(rule, root, below, out var link) is { } opened)
            {
                return opened;
            }

            problem = link ? Link(Path) : problem;
            return null;
        }
        catch (IOException e)
        {
            return GuardedPath.Closed(Path, e.Message);
        }
    }

    private static string Link(byte[] path) =>
        $"a part of {LogText.Escape(path)} is a symbolic link, which is not followed below a rule's folder: "
        + (FileFacts.Canonical(
            path, out _) is { } real ? $"name the real path, {LogText.Escape(real)}" : "it leads to nothing that exists");

    private static byte[] Rest(ReadOnlySpan<byte> path, ReadOnlySpan<byte> root) =>
        root.Length == path.Length ? [] : path[(root is [(byte)'/'] ? 1 : root.Length + 1)..].ToArray();
}
