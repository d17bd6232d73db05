using Fleet.Agent.History;

namespace Fleet.Agent.Tests.History;

public class HistoryFileNameTests
{
    [Theory]
    [InlineData("history-2026-11.db")]
    [InlineData("history-2026-11-02.db")]
    [InlineData("history-2027-01-99.db")]
    public void TryParse_ItsOwnNames_AreRead(string name) => Assert.Equal(name, HistoryFileName.TryParse(name)?.ToString());

    [Theory]
    [InlineData("history-2026-11-log.db")]
    [InlineData("history-2026-13.db")]
    [InlineData("history-2026-11-01.db")]
    [InlineData("history-2026-11-00.db")]
    [InlineData("history-2026-1.db")]
    [InlineData("history-2026.db")]
    [InlineData("history-0000-11.db")]
    [InlineData("history-2026-11.db.damaged")]
    [InlineData("unfinished.db")]
    public void TryParse_OtherNames_AreNone(string name) => Assert.Null(HistoryFileName.TryParse(name));

    [Fact]
    public void Order_IsThatOfTime()
    {
        HistoryFileName[] names =
        [
            .. new[] { "history-2026-11-02.db", "history-2027-01.db", "history-2026-11.db", "history-2026-12.db" }.Select(n =>
                HistoryFileName.TryParse(n)!.Value),
        ];
        Assert.Equal(
            ["history-2026-11.db", "history-2026-11-02.db", "history-2026-12.db", "history-2027-01.db"],
            names.Order().Select(n => n.ToString()));
        Assert.Equal(new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero), new HistoryFileName(2026, 12, 1).MonthEnds);
        Assert.Equal(
            "history-2026-11.db",
            HistoryFileName.FirstOf(new DateTimeOffset(2026, 12, 1, 0, 30, 0, TimeSpan.FromHours(1))).ToString());
    }
}
