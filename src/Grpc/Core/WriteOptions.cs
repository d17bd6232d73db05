namespace Grpc.Core;

/// <summary>How messages are written.</summary>
/// <param name="flags">Hints.</param>
public class WriteOptions(WriteFlags flags = default)
{
    /// <summary>No hints.</summary>
    public static readonly WriteOptions Default = new();

    public WriteFlags Flags { get; } = flags;
}
