using System.Text;

namespace Fleet.Schedules.Overlap;

/// <summary>
/// One rule about two paths for the coordinator, which sees them as they are written, and for the agent, which sees them without symbolic
/// links: pure.
/// </summary>
public sealed record TransferTrees
{
    /// <summary>Absolute. Slashes at the end do not count.</summary>
    public required ReadOnlyMemory<byte> Source { get; init; }

    /// <summary>Absolute. Slashes at the end do not count.</summary>
    public required ReadOnlyMemory<byte> Destination { get; init; }

    /// <summary>Patterns as rsync(1) takes them, in order; they come before all excludes.</summary>
    public IReadOnlyList<string> Includes { get; init; } = [];

    /// <summary>Patterns as rsync(1) takes them, in order.</summary>
    public IReadOnlyList<string> Excludes { get; init; } = [];

    /// <summary>The transfer stays on the file system of the source.</summary>
    public bool OneFileSystem { get; init; }

    /// <summary>The destination is on another file system than the source. Null if not known.</summary>
    public bool? OtherFileSystem { get; init; }

    /// <summary>What they are to each other.</summary>
    public TreeOverlap Overlap()
    {
        var (source, destination) = (WithSlash(Source.Span), WithSlash(Destination.Span));
        if (source.AsSpan().SequenceEqual(destination))
        {
            return TreeOverlap.Same;
        }

        if (source.AsSpan().StartsWith(destination))
        {
            return TreeOverlap.SourceInside;
        }

        if (!destination.AsSpan().StartsWith(source) || IsLeftOut(Encoding.UTF8.GetString(destination.AsSpan(source.Length)).TrimEnd('/')))
        {
            return TreeOverlap.None;
        }

        return (OneFileSystem, OtherFileSystem) switch
        {
            (true, true) => TreeOverlap.None,
            (true, null) => TreeOverlap.DependsOnFileSystem,
            _ => TreeOverlap.DestinationInside,
        };
    }

    /// <summary>rsync comes to a folder only through those above it: one that is excluded hides all below.</summary>
    private bool IsLeftOut(string relative)
    {
        for (var end = relative.IndexOf('/'); ; end = relative.IndexOf('/', end + 1))
        {
            var folder = end < 0 ? relative : relative[..end];
            if (!Includes.Any(p => FilterPattern.MatchesFolder(p, folder)) && Excludes.Any(p => FilterPattern.MatchesFolder(p, folder)))
            {
                return true;
            }

            if (end < 0)
            {
                return false;
            }
        }
    }

    private static byte[] WithSlash(ReadOnlySpan<byte> path) => [.. path.TrimEnd((byte)'/'), (byte)'/'];
}
