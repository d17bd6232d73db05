using System.Text;
using Fleet.Agent.Metrics;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Metrics;

public class SeriesTableTests
{
    private readonly SeriesTable _table = new();

    [Fact]
    public void Number_SameSeries_SameNumberFromOneDense()
    {
        Assert.Equal(1u, Number("a", "x"u8));
        Assert.Equal(2u, Number("a", "y"u8));
        Assert.Equal(1u, Number("a", "x"u8));
        Assert.Equal(2, _table.Count);
    }

    [Fact]
    public void Number_BytesThatAreNotUtf8_StayApartAndAreWrittenAsHex()
    {
        var first = Number("a", [0x2f, 0xe9]);
        var second = Number("a", [0x2f, 0xe8]);
        Assert.Equal(("/\\xe9", "/\\xe8"), (_table[first].Labels["l"], _table[second].Labels["l"]));
    }

    [Fact]
    public void Number_ValueThatLooksLikeAnotherLabel_IsAnotherSeries()
    {
        byte[] odd = [(byte)'x', 0xff, (byte)'m', 0xff, (byte)'y'];
        var one = _table.Number("a", MetricKind.Gauge, "l", odd, null, [], null, []);
        var two = _table.Number("a", MetricKind.Gauge, "l", "x"u8, "m", "y"u8, null, []);
        Assert.NotEqual(one, two);
    }

    [Fact]
    public void Number_LongLabel_IsCut() =>
        Assert.Equal(SeriesTable.MaxLabelBytes, _table[Number("a", Encoding.UTF8.GetBytes(new string('z', 5000)))].Labels["l"].Length);

    [Fact]
    public void Number_TooManySeries_StopsAtItsBound()
    {
        for (var i = 0; i < SeriesTable.MaxSeries + 10; i++)
        {
            Number("fleet_x", BitConverter.GetBytes(i));
        }

        Assert.Equal(SeriesTable.MaxSeries, _table.Count);
        Assert.Equal(SeriesTable.Full, Number("fleet_y", "z"u8));
    }

    private uint Number(string name, ReadOnlySpan<byte> value) =>
        _table.Number(name, MetricKind.Gauge, "l", value, null, [], null, []);
}
