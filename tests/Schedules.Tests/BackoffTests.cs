namespace Fleet.Schedules.Tests;

public sealed class BackoffTests
{
    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 4)]
    [InlineData(7, 30)]
    [InlineData(1_000_000, 30)]
    public void After_Failures_LiesInTheUpperHalfOfTheDoubledPause(int failures, int fullSeconds)
    {
        var backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30), new Random(1));
        for (var i = 0; i < 100; i++)
        {
            Assert.InRange(backoff.After(failures).TotalSeconds, fullSeconds / 2.0, fullSeconds);
        }
    }
}
