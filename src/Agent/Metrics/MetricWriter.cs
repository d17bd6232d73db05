using System.Runtime.InteropServices;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Metrics;

/// <summary>
/// Takes the values of one collection of one collector. A series is found by its name and labels; nothing is allocated for a
/// series that was seen before. Not thread-safe: one collector, one writer.
/// </summary>
internal sealed class MetricWriter(SeriesTable table)
{
    private readonly List<uint> _numbers = [];
    private readonly List<double> _values = [];

    /// <summary>Numbers of the series written, parallel to <see cref="Values"/>.</summary>
    public ReadOnlySpan<uint> Numbers => CollectionsMarshal.AsSpan(_numbers);

    public ReadOnlySpan<double> Values => CollectionsMarshal.AsSpan(_values);

    /// <param name="name">Prometheus conventions; a constant.</param>
    public void Add(string name, MetricKind kind, double value) =>
        Write(table.Number(name, kind, null, [], null, [], null, []), value);

    /// <param name="labelValue">UTF-8; at most 256 bytes count.</param>
    public void Add(string name, MetricKind kind, double value, string label, ReadOnlySpan<byte> labelValue) =>
        Write(table.Number(name, kind, label, labelValue, null, [], null, []), value);

    public void Add(
        string name, MetricKind kind, double value, string label1, ReadOnlySpan<byte> value1, string label2, ReadOnlySpan<byte> value2) =>
        Write(table.Number(name, kind, label1, value1, label2, value2, null, []), value);

    public void Add(
        string name,
        MetricKind kind,
        double value,
        string label1,
        ReadOnlySpan<byte> value1,
        string label2,
        ReadOnlySpan<byte> value2,
        string label3,
        ReadOnlySpan<byte> value3) =>
        Write(table.Number(name, kind, label1, value1, label2, value2, label3, value3), value);

    /// <summary>Forgets the values, keeps the memory.</summary>
    public void Clear()
    {
        _numbers.Clear();
        _values.Clear();
    }

    private void Write(uint number, double value)
    {
        if (number != SeriesTable.Full)
        {
            _numbers.Add(number);
            _values.Add(value);
        }
    }
}
