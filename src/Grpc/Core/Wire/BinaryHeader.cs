namespace Grpc.Core.Wire;

/// <summary>The encoding of <c>-bin</c> values: base64, sent without padding, accepted with and without.</summary>
internal static class BinaryHeader
{
    public static string Encode(ReadOnlySpan<byte> value) => Convert.ToBase64String(value).TrimEnd('=');

    public static bool TryDecode(ReadOnlySpan<char> value, out byte[] bytes)
    {
        var text = value.Trim().TrimEnd('=');
        Span<char> padded = text.Length <= 253 ? stackalloc char[256] : new char[text.Length + 3];
        text.CopyTo(padded);
        var length = text.Length;
        while (length % 4 != 0)
        {
            padded[length++] = '=';
        }

        bytes = new byte[length / 4 * 3];
        if (!Convert.TryFromBase64Chars(padded[..length], bytes, out var written))
        {
            bytes = [];
            return false;
        }

        Array.Resize(ref bytes, written);
        return true;
    }

    /// <summary>
    /// Adds one header line to metadata. A binary line may hold several values joined by commas; one that is not base64 is left out.
    /// </summary>
    public static void AddTo(Metadata metadata, string name, string value)
    {
        if (!Metadata.Entry.HasBinarySuffix(name))
        {
            metadata.Add(Metadata.Entry.FromWire(name, value));
            return;
        }

        foreach (var part in value.AsSpan().Split(','))
        {
            if (TryDecode(value.AsSpan()[part], out var bytes))
            {
                metadata.Add(Metadata.Entry.FromWire(name, bytes));
            }
        }
    }
}
