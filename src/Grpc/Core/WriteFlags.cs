using System.Diagnostics.CodeAnalysis;

namespace Grpc.Core;

/// <summary>Hints for one written message.</summary>
[Flags]
[SuppressMessage("Naming", "CA1711:Identifiers should not have incorrect suffix", Justification = "Name of the public gRPC API.")]
[SuppressMessage("Design", "CA1008:Enums should have zero value", Justification = "Shape of the public gRPC API.")]
public enum WriteFlags
{
    /// <summary>The write may be buffered and need not go out at once.</summary>
    BufferHint = 0x1,

    /// <summary>Do not compress this message.</summary>
    NoCompress = 0x2,
}
