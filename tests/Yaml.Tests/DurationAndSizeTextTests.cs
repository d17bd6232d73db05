namespace Fleet.Yaml.Tests;

public sealed class DurationAndSizeTextTests
{
    [Theory]
    [InlineData("0s", 0)]
    [InlineData("250ms", 0.25)]
    [InlineData("15s", 15)]
    [InlineData("1m30s", 90)]
    [InlineData("1h30m", 5400)]
    [InlineData("90d", 7_776_000)]
    [InlineData("2w1d", 1_296_000)]
    public void TryParse_Duration_GivesIt(string text, double seconds)
    {
        Assert.True(DurationText.TryParse(text, out var value));
        Assert.Equal(seconds, value.TotalSeconds);
        Assert.True(DurationText.TryParse(DurationText.Format(value), out var again));
        Assert.Equal(value, again);
    }

    [Theory]
    [InlineData("")]
    [InlineData(null)]
    [InlineData("15")]
    [InlineData("s")]
    [InlineData("1h1h")]
    [InlineData("1s1m")]
    [InlineData("1 h")]
    [InlineData("-1h")]
    [InlineData("1H")]
    [InlineData("1x")]
    [InlineData("999999999999999w")]
    public void TryParse_NoDuration_IsFalse(string? text) => Assert.False(DurationText.TryParse(text, out _));

    [Theory]
    [InlineData(90, "1m30s")]
    [InlineData(0, "0s")]
    [InlineData(-5, "-5s")]
    [InlineData(86_400, "1d")]
    public void Format_Seconds_GivesTheShortForm(int seconds, string text) =>
        Assert.Equal(text, DurationText.Format(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData("0", 0)]
    [InlineData("1000", 1000)]
    [InlineData("1KB", 1000)]
    [InlineData("1 KiB", 1024)]
    [InlineData("1.5MiB", 1_572_864)]
    [InlineData("2gib", 2_147_483_648)]
    public void TryParse_Size_GivesBytes(string text, long bytes)
    {
        Assert.True(SizeText.TryParse(text, out var value));
        Assert.Equal(bytes, value);
        Assert.True(SizeText.TryParse(SizeText.Format(value), out var again));
        Assert.Equal(value, again);
    }

    [Theory]
    [InlineData("")]
    [InlineData("MiB")]
    [InlineData("10M")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("1..5MiB")]
    [InlineData("9223372036854775808")]
    public void TryParse_NoSize_IsFalse(string text) => Assert.False(SizeText.TryParse(text, out _));
}
