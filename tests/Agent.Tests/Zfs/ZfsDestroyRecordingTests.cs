using Fleet.Agent.Tests.Tools;
using Fleet.Agent.Zfs;

namespace Fleet.Agent.Tests.Zfs;

/// <summary>What real releases answer to the questions that come before destroying.</summary>
public sealed class ZfsDestroyRecordingTests
{
    public static TheoryData<string> Releases => Recording.Releases();

    [Theory]
    [MemberData(nameof(Releases))]
    public void Origins_ClonesAndDatasetsWithThePropertyThemselves_AreKnown(string release)
    {
        var list = new Recording(release, "origins").Play(new ZfsListing<DatasetOrigin>(DatasetOrigin.Parse, c => c.Dataset));

        Assert.True(list.IsComplete);
        var facts = list.Items.ToDictionary(c => c.Dataset);
        Assert.Equal("tank/data/limited@fleet_nightly_20261120T205500Z", facts["tank/clone"].Origin);
        Assert.Equal(["tank/clone"], list.Items.Where(c => c.Origin is not null).Select(c => c.Dataset));
        Assert.Equal(["tank/inherits"], list.Items.Where(c => c.MasksOwnership).Select(c => c.Dataset));
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Destroy_Ranges_PrintEverySnapshotOfThem(string release)
    {
        var plan = new Recording(release, "destroy-plan-range").Play(new ZfsDestroyOutput());
        var done = new Recording(release, "destroy-ranges").Play(new ZfsDestroyOutput());

        Assert.Equal(
            Enumerable.Range(2, 8).Select(d => $"tank/many@fleet_nightly_202611{d:00}T205500Z"),
            plan.Names.Order(StringComparer.Ordinal));
        Assert.Equal((7, null, null), (done.Names.Count, plan.Refused, done.Refused));
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Identity_OfAnInheritedProperty_HasNoOwner(string release)
    {
        var output = new Recording(release, "identity").Play(new ZfsIdentityOutput());

        Assert.Null(output.Refused);
        Assert.Equal(
            ("nightly", 2L),
            (output.Snapshots["tank/data@fleet_nightly_20261120T205500Z"].Policy,
                output.Snapshots["tank/data@fleet_nightly_20261120T205500Z"].Holds));
        Assert.Null(output.Snapshots["tank/inherits@other"].Policy);
    }

    [Fact]
    public void Destroy_LineOfANewerRelease_IsRefusedAndShown()
    {
        var output = new ZfsDestroyOutput();
        output.OnLine(Fleet.Protocol.V1.LogStream.Stdout, "would destroy tank/a@1"u8, Agent.Tools.LineEnd.NewLine, truncated: false);

        Assert.Equal("would destroy tank/a@1", output.Refused);
    }
}
