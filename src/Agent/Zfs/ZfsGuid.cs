using System.Buffers.Text;
using System.Globalization;

namespace Fleet.Agent.Zfs;

/// <summary>
/// The guid property of a pool, dataset, snapshot or bookmark: a 64-bit number that ZFS makes up. It is their identity: names
/// can be given again, and a received snapshot has the guid of the one that was sent. Not a <see cref="Guid"/>.
/// </summary>
internal readonly record struct ZfsGuid(ulong Value)
{
    /// <summary>Decimal, as zfs prints it with -p. 0 is none.</summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out ZfsGuid guid)
    {
        var parsed = Utf8Parser.TryParse(text, out ulong value, out var used) && used == text.Length && value != 0;
        guid = new ZfsGuid(value);
        return parsed;
    }

    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
