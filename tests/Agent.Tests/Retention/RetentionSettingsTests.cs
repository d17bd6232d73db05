using Fleet.Agent.Retention;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Agent.Tests.Retention;

public sealed class RetentionSettingsTests
{
    [Fact]
    public void Read_Everything_ArrivesAtThePlanner()
    {
        var policy = RetentionSettings.Read(
            "thin",
            new Protocol.V1.Retention
            {
                Keep = new KeepRules
                {
                    Last = 1,
                    Hourly = 2,
                    Daily = 3,
                    Weekly = 4,
                    Monthly = 5,
                    Yearly = -1,
                    Within = Duration.FromTimeSpan(TimeSpan.FromDays(2)),
                },
                TimeZone = "Europe/Berlin",
                Floor = 6,
                Budget = new RetentionBudget { MostPercent = 0 },
            },
            out _
        )!;

        Assert.Equal(
            new Schedules.Retention.KeepRules
            {
                Last = 1,
                Hourly = 2,
                Daily = 3,
                Weekly = 4,
                Monthly = 5,
                Yearly = -1,
                Within = TimeSpan.FromDays(2),
            },
            policy.Keep);
        Assert.Equal(("thin", "Europe/Berlin", 6), (policy.Name, policy.Zone.Id, policy.Floor));
        Assert.Equal((0, 1_000), (policy.Budget.MostPercent, policy.Budget.MostCount));
    }

    [Fact]
    public void Read_OnlyRules_TheRestIsTheDefault()
    {
        var policy = RetentionSettings.Read("thin", new Protocol.V1.Retention { Keep = new KeepRules { Daily = 7 } }, out _)!;

        Assert.Equal((TimeZoneInfo.Utc, 0, 50), (policy.Zone, policy.Floor, policy.Budget.MostPercent));
    }

    [Theory]
    [InlineData("Mars/Olympus")]
    [InlineData("../../../etc/passwd")]
    [InlineData("/etc/localtime")]
    public void Read_ZoneThatIsNotKnown_IsNotPlanned(string zone)
    {
        Assert.Null(
            RetentionSettings.Read(
                "thin",
                new Protocol.V1.Retention
                {
                    Keep = new KeepRules { Daily = 7 },
                    TimeZone = zone,
                },
                out var problem));
        Assert.Contains("time zone", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_NumbersThatMakeNoSense_AreNotPlanned()
    {
        Assert.Null(RetentionSettings.Read("thin", null, out _));
        Assert.Null(RetentionSettings.Read("thin", new Protocol.V1.Retention(), out _));
        Assert.Null(RetentionSettings.Read("thin", new Protocol.V1.Retention { Keep = new KeepRules { Daily = -2 } }, out _));
        Assert.Null(
            RetentionSettings.Read(
                "thin",
                new Protocol.V1.Retention
                {
                    Keep = new KeepRules { Daily = 1 },
                    Floor = -1,
                },
                out _));
        Assert.Null(
            RetentionSettings.Read(
                "thin",
                new Protocol.V1.Retention { Keep = new KeepRules { Within = new Duration { Seconds = long.MaxValue } } },
                out _));
        Assert.Null(
            RetentionSettings.Read(
                "thin",
                new Protocol.V1.Retention
                {
                    Keep = new KeepRules { Daily = 1 },
                    Budget = new RetentionBudget { MostPercent = 200 },
                },
                out _));
    }
}
