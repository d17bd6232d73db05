using System.Buffers;
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;
using System.Text.Unicode;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Metrics;

/// <summary>
/// Numbers the series of this process, from 1, dense, for as long as it lives. Shared by all collectors; thread-safe.
/// </summary>
internal sealed class SeriesTable
{
    /// <summary>No number is left: the contract allows 100,000 series.</summary>
    public const uint Full = 0;

    /// <summary>As SeriesDefinition.number says.</summary>
    public const int MaxSeries = 100_000;

    /// <summary>Label values are cut here: a device or mount point named by an attacker must not grow memory.</summary>
    public const int MaxLabelBytes = 256;

    // Cannot occur in the UTF-8 of a name; a value, which need not be UTF-8, has its length before it.
    private const byte Separator = 0xFF;

    private readonly Lock _gate = new();
    private readonly Dictionary<byte[], uint> _numbers = new(new KeyComparer());
    private readonly Dictionary<byte[], uint>.AlternateLookup<ReadOnlySpan<byte>> _lookup;
    private readonly List<MetricSeries> _series = [];

    public SeriesTable() => _lookup = _numbers.GetAlternateLookup<ReadOnlySpan<byte>>();

    /// <summary>How many series were seen since the start.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _series.Count;
            }
        }
    }

    /// <summary>The series of a number that <see cref="Number"/> gave out.</summary>
    public MetricSeries this[uint number]
    {
        get
        {
            lock (_gate)
            {
                return _series[(int)number - 1];
            }
        }
    }

    /// <summary>The number of a series, new or known; <see cref="Full"/> when there is no room for a new one.</summary>
    public uint Number(
        string name,
        MetricKind kind,
        string? label1,
        ReadOnlySpan<byte> value1,
        string? label2,
        ReadOnlySpan<byte> value2,
        string? label3,
        ReadOnlySpan<byte> value3)
    {
        Span<byte> key = stackalloc byte[256 + (3 * (64 + MaxLabelBytes))];
        var length = Encoding.UTF8.GetBytes(name, key);
        Append(key, ref length, label1, value1);
        Append(key, ref length, label2, value2);
        Append(key, ref length, label3, value3);
        lock (_gate)
        {
            if (_lookup.TryGetValue(key[..length], out var known))
            {
                return known;
            }

            if (_series.Count == MaxSeries)
            {
                return Full;
            }

            var series = new MetricSeries { Name = name, Kind = kind };
            AddLabel(series, label1, value1);
            AddLabel(series, label2, value2);
            AddLabel(series, label3, value3);
            _series.Add(series);
            var number = (uint)_series.Count;
            _numbers.Add(key[..length].ToArray(), number);
            return number;
        }
    }

    private static void Append(Span<byte> key, ref int length, string? label, ReadOnlySpan<byte> value)
    {
        if (label is null)
        {
            return;
        }

        key[length++] = Separator;
        length += Encoding.UTF8.GetBytes(label, key[length..]);
        value = Cut(value);
        BinaryPrimitives.WriteUInt16LittleEndian(key[length..], (ushort)value.Length);
        length += sizeof(ushort);
        value.CopyTo(key[length..]);
        length += value.Length;
    }

    private static void AddLabel(MetricSeries series, string? label, ReadOnlySpan<byte> value)
    {
        if (label is not null)
        {
            series.Labels[label] = Text(Cut(value));
        }
    }

    /// <summary>Bytes that are not UTF-8 become \xNN, so that two names that differ in such bytes stay two series.</summary>
    private static string Text(ReadOnlySpan<byte> value)
    {
        if (Utf8.IsValid(value))
        {
            return Encoding.UTF8.GetString(value);
        }

        var text = new StringBuilder(value.Length * 2);
        while (!value.IsEmpty)
        {
            if (Rune.DecodeFromUtf8(value, out var rune, out var consumed) == OperationStatus.Done)
            {
                text.Append(rune);
            }
            else
            {
                foreach (var b in value[..consumed])
                {
                    text.Append(CultureInfo.InvariantCulture, $"\\x{b:x2}");
                }
            }

            value = value[consumed..];
        }

        return text.ToString();
    }

    private static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> value) => value.Length > MaxLabelBytes ? value[..MaxLabelBytes] : value;

    private sealed class KeyComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode([DisallowNull] byte[] obj) => GetHashCode(obj.AsSpan());

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            var hash = default(HashCode);
            hash.AddBytes(alternate);
            return hash.ToHashCode();
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
