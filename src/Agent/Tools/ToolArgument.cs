using System.Text;
using Google.Protobuf;

namespace Fleet.Agent.Tools;

/// <summary>One element of an argument vector, as bytes.</summary>
internal readonly struct ToolArgument
{
    private readonly byte[]? _bytes;

    public ToolArgument(byte[] bytes) => _bytes = bytes;

    public ReadOnlySpan<byte> Bytes => _bytes;

    public static implicit operator ToolArgument(string text) => new(Encoding.UTF8.GetBytes(text));

    public static implicit operator ToolArgument(ByteString bytes) => new(bytes.ToByteArray());

    /// <summary><paramref name="prefix"/> followed by raw bytes, for options such as --link-dest=PATH.</summary>
    public static ToolArgument Join(string prefix, ReadOnlySpan<byte> bytes) => new([.. Encoding.UTF8.GetBytes(prefix), .. bytes]);

    /// <summary>For tests and logs; not reversible for bytes that are not UTF-8.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Bytes);
}
