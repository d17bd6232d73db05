using Fleet.Agent.Logging;

namespace Fleet.Agent.Actions.Restore;

/// <summary>The path of a file or folder inside a snapshot. Pure.</summary>
/// <param name="Parts">None: the snapshot's root.</param>
internal sealed record RestorePath(IReadOnlyList<byte[]> Parts)
{
    private const int MaxBytes = 4096;

    /// <summary>Without a leading slash. Empty for the root.</summary>
    public byte[] Bytes { get; } = Join(Parts);

    /// <summary>What the last part lies in. Empty for the root.</summary>
    public byte[] Folder { get; } = Join([.. Parts.SkipLast(1)]);

    public ReadOnlySpan<byte> Name => Parts.Count > 0 ? Parts[^1] : [];

    /// <param name="problem">Why there is none: "..", a zero byte, too long. Safe to show.</param>
    public static RestorePath? Parse(ReadOnlySpan<byte> path, out string problem)
    {
        problem = path.Contains((byte)0) ? "contains a NUL byte" : path.Length >= MaxBytes ? "is longer than a path can be" : "";
        List<byte[]> parts = [];
        foreach (var range in path.Split((byte)'/'))
        {
            var part = path[range];
            problem = part.SequenceEqual(".."u8) ? "holds \"..\"" : problem;
            if (!part.IsEmpty && !part.SequenceEqual("."u8))
            {
                parts.Add(part.ToArray());
            }
        }

        problem = problem.Length > 0 ? $"the path {LogText.Escape(path)} {problem}" : "";
        return problem.Length > 0 ? null : new RestorePath(parts);
    }

    private static byte[] Join(IReadOnlyList<byte[]> parts) => [.. parts.SelectMany((p, i) => i == 0 ? p : [(byte)'/', .. p])];
}
