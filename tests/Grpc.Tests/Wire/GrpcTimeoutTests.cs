using Grpc.Core.Wire;

namespace Fleet.Grpc.Tests.Wire;

public sealed class GrpcTimeoutTests
{
    [Theory]
    [InlineData(0, "1n")]
    [InlineData(-5, "1n")]
    [InlineData(1, "100n")]
    [InlineData(TimeSpan.TicksPerMillisecond, "1000000n")]
    [InlineData(TimeSpan.TicksPerSecond, "1000000u")]
    [InlineData(TimeSpan.TicksPerHour, "3600000m")]
    [InlineData(TimeSpan.TicksPerHour + 1, "3600001m")]
    [InlineData(30 * TimeSpan.TicksPerDay, "2592000S")]
    [InlineData(long.MaxValue, "99999999H")]
    public void Encode_Timeout_UsesFinestUnitThatFits(long ticks, string expected)
    {
        var encoded = GrpcTimeout.Encode(TimeSpan.FromTicks(ticks));
        Assert.Equal(expected, encoded);
        Assert.True(GrpcTimeout.TryDecode(encoded, out var decoded));
        Assert.True(decoded.Ticks >= Math.Min(ticks, 99_999_999 * TimeSpan.TicksPerHour), "rounded up");
    }

    [Theory]
    [InlineData("1H", TimeSpan.TicksPerHour)]
    [InlineData("2M", 2 * TimeSpan.TicksPerMinute)]
    [InlineData("3S", 3 * TimeSpan.TicksPerSecond)]
    [InlineData("4m", 4 * TimeSpan.TicksPerMillisecond)]
    [InlineData("5u", 5 * TimeSpan.TicksPerMicrosecond)]
    [InlineData("600n", 6)]
    [InlineData("601n", 7)]
    [InlineData("99999999H", 99999999L * TimeSpan.TicksPerHour)]
    public void TryDecode_ValidValues_AreRead(string text, long ticks)
    {
        Assert.True(GrpcTimeout.TryDecode(text, out var timeout));
        Assert.Equal(ticks, timeout.Ticks);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("S")]
    [InlineData("10")]
    [InlineData("1s")]
    [InlineData("-1S")]
    [InlineData("+1S")]
    [InlineData(" 1S")]
    [InlineData("1 S")]
    [InlineData("1.5S")]
    [InlineData("123456789S")]
    public void TryDecode_InvalidValues_AreRefused(string? text) => Assert.False(GrpcTimeout.TryDecode(text, out _));
}
