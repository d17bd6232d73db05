using Fleet.Protocol.Edge;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Agent.Tests.Edge;

public sealed class WireTests
{
    public static TheoryData<long, int> NoInstants =>
        new()
        {
            { long.MinValue, 0 },
            { long.MaxValue, 0 },
            { -1, 0 },
            { 7_258_118_400, 0 },
            { 253_402_300_800, 0 },
            { 0, -1 },
            { 0, 1_000_000_000 },
            { 0, int.MaxValue },
            { 0, int.MinValue },
        };

    public static TheoryData<long, int> NoSpans => new()
    {
        { long.MinValue, 0 }, { long.MaxValue, 0 }, { 315_576_000_001, 0 }, { 0, 1_000_000_000 }, { 0, int.MinValue }, { 1, -1 }, { -1, 1 },
    };

    [Theory]
    [InlineData("00112233445566778899aabbccddeeff", true)]
    [InlineData("00112233445566778899AABBCCDDEEFF", false)]
    [InlineData("00112233445566778899aabbccddeef", false)]
    [InlineData("00112233445566778899aabbccddeeff0", false)]
    [InlineData("../../../../../../etc/fleet/guard", false)]
    [InlineData("00112233445566778899aabbccddee/f", false)]
    [InlineData("00112233445566778899aabbccddeef\n", false)]
    [InlineData("٠٠112233445566778899aabbccddeeff", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void RunId_IsExactly32LowerCaseHexDigits(string? text, bool isOne) => Assert.Equal(isOne, RunId.TryRead(text) is not null);

    [Theory]
    [InlineData("7f1e9d0c-0000-4000-8000-000000000001", true)]
    [InlineData("7F1E9D0C-0000-4000-8000-000000000001", false)]
    [InlineData("{7f1e9d0c-0000-4000-8000-000000000001}", false)]
    [InlineData("7f1e9d0c000040008000000000000001", false)]
    [InlineData(" 7f1e9d0c-0000-4000-8000-000000000001", false)]
    [InlineData("../x", false)]
    [InlineData(null, false)]
    public void HostId_IsACanonicalUuid(string? text, bool isOne) => Assert.Equal(isOne, HostId.TryRead(text) is not null);

    [Theory]
    [MemberData(nameof(NoInstants))]
    public void Instant_OutOfRange_IsNone(long seconds, int nanos) =>
        Assert.False(WireTime.TryRead(new Timestamp { Seconds = seconds, Nanos = nanos }, out _));

    [Theory]
    [MemberData(nameof(NoSpans))]
    public void Span_OutOfRange_IsNone(long seconds, int nanos) =>
        Assert.Null(WireTime.SpanOf(new Duration { Seconds = seconds, Nanos = nanos }));

    [Fact]
    public void Instant_AtItsLimits_IsRead()
    {
        Assert.Equal(DateTimeOffset.UnixEpoch, WireTime.InstantOf(new Timestamp()));
        Assert.Equal(WireTime.Latest.AddTicks(-1), WireTime.InstantOf(new Timestamp { Seconds = 7_258_118_399, Nanos = 999_999_999 }));
        Assert.Equal(TimeSpan.FromSeconds(-1.5), WireTime.SpanOf(new Duration { Seconds = -1, Nanos = -500_000_000 }));
    }

    [Fact]
    public void Fields_ThatCannotBeUsed_AreNamedByTheirPathAndNeverRepeated()
    {
        var fields = new WireFields("run");
        fields.Instant("expires_at", new Timestamp { Seconds = long.MaxValue });
        fields.Policy("policy", "/../evil\n");

        Assert.Equal("run.expires_at: is outside of 1970 to 2200; run.policy: is no name of a policy: 1 to 63 of a-z, 0-9 and '-', starting with a letter", fields.Problem);
    }
}
