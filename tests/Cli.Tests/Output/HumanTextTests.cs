using Fleet.Cli.Output;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Cli.Tests.Output;

public sealed class HumanTextTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1.0 KiB")]
    [InlineData(1_610_612_736, "1.5 GiB")]
    [InlineData(123_456_789, "118 MiB")]
    public void Bytes_Number_GetsAUnit(double bytes, string expected) => Assert.Equal(expected, HumanText.Bytes(bytes));

    [Theory]
    [InlineData(0, "0ms")]
    [InlineData(0.25, "250ms")]
    [InlineData(1.5, "1.5s")]
    [InlineData(59.9, "59s")]
    [InlineData(60, "1m")]
    [InlineData(61, "1m1s")]
    [InlineData(5400, "1h30m")]
    [InlineData(90_000, "1d1h")]
    [InlineData(-90, "-1m30s")]
    public void Span_Seconds_GivesTheTwoLargestUnits(double seconds, string expected) =>
        Assert.Equal(expected, HumanText.Span(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(-180, "3m ago")]
    [InlineData(720, "in 12m")]
    [InlineData(0, "now")]
    public void Relative_Instant_IsSeenFromNow(int seconds, string expected)
    {
        var now = new DateTimeOffset(2026, 11, 20, 20, 0, 0, TimeSpan.Zero);

        Assert.Equal(expected, HumanText.Relative(Timestamp.FromDateTimeOffset(now.AddSeconds(seconds)), now));
        Assert.Equal("", HumanText.Relative(null, now));
    }

    [Fact]
    public void Words_Enum_IsLowerCaseWithSpaces()
    {
        Assert.Equal("never ran", HumanText.Words(ProtectionState.NeverRan));
        Assert.Equal("unknown (99)", HumanText.Words((ProtectionState)99));
    }
}
