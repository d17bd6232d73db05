using Fleet.Agent.Actions;
using Fleet.Agent.Zfs;

namespace Fleet.Agent.Tests.Actions;

public sealed class SnapshotNameTests
{
    private static readonly DateTimeOffset Instant = new(2026, 11, 20, 20, 55, 0, TimeSpan.Zero);

    [Fact]
    public void Create_InAnotherZone_IsTheInstantInUtc() =>
        Assert.Equal(
            "fleet_nightly_20261120T205500Z",
            SnapshotName.Create("nightly", Instant.AddMilliseconds(999).ToOffset(TimeSpan.FromHours(-5))).ToString());

    [Fact]
    public void Create_WithoutPolicy_IsAdHoc() => Assert.Equal("fleet_adhoc_20261120T205500Z", SnapshotName.Create("", Instant).ToString());

    [Fact]
    public void Create_SecondRunOfTheSecond_CarriesTheRunId() =>
        Assert.Equal(
            "fleet_nightly_20261120T205500Z-1846a328",
            SnapshotName.Create("nightly", Instant, "1846a328cf9540b68137b0507d35680c").ToString());

    [Theory]
    [InlineData("nightly", "")]
    [InlineData("a-b-2", "1846a328cf9540b68137b0507d35680c")]
    public void Parse_WhatCreateMade_IsTheSame(string policy, string runId)
    {
        var name = SnapshotName.Create(policy, Instant, runId);

        Assert.Equal(name, SnapshotName.Parse(name.ToString()));
        Assert.Equal((policy, Instant), (name.Policy, name.Instant));
        Assert.True(ZfsNames.IsSnapshotPart(name.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("fleet_")]
    [InlineData("fleet_nightly")]
    [InlineData("fleet__20261120T205500Z")]
    [InlineData("fleet_nightly_20261120T205500")]
    [InlineData("fleet_nightly_20261320T205500Z")]
    [InlineData("fleet_nightly_20261120T245500Z")]
    [InlineData("fleet_nightly_20261120T205500Z-")]
    [InlineData("fleet_nightly_20261120T205500Z-1846A328")]
    [InlineData("fleet_nightly_20261120T205500Z-1846a3281")]
    [InlineData("fleet_Nightly_20261120T205500Z")]
    [InlineData("fleet_night_ly_20261120T205500Z")]
    [InlineData("fleet_night ly_20261120T205500Z")]
    [InlineData("autosnap_2026-11-20_20:55:00_hourly")]
    public void Parse_OtherName_IsNull(string name) => Assert.Null(SnapshotName.Parse(name));

    [Fact]
    public void Fits_AtTheLimit_CountsEveryByte()
    {
        var name = SnapshotName.Create("nightly", Instant).ToString(); // 30 bytes, and '@'

        Assert.True(ZfsNames.Fits(new string('d', 224), name));
        Assert.False(ZfsNames.Fits(new string('d', 225), name));
    }
}
