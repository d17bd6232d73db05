using Fleet.Schedules.Retention;

namespace Fleet.Schedules.Tests.Retention;

public sealed class ReasonTests
{
    /// <summary>The words are an interface: programs read them, so none may change.</summary>
    [Fact]
    public void Code_OfEveryRule_IsTheFirstWordOfItsText()
    {
        var codes = Enum.GetValues<RetentionRule>().Select(static r => new RetentionReason("p", r, $"{r}").Code);

        Assert.Equal(
            "last hourly daily weekly monthly yearly within protected held replication-base cloned newest floor guard-floor guard-age future "
            + "incomplete no-rules clock unkept superseded",
            string.Join(' ', codes));
        foreach (var rule in Enum.GetValues<RetentionRule>().Where(static r => r != RetentionRule.Clock))
        {
            var reason = new RetentionReason("p", rule, "detail");
            Assert.Equal(reason.Code, reason.Text.Split(' ', ':')[0]);
            Assert.Equal(reason.Text, reason.ToString());
        }
    }
}
