using System.Text;
using Fleet.Agent.Lvm;
using Fleet.Agent.Tests.Tools;

namespace Fleet.Agent.Tests.Lvm;

/// <summary>Reports of real releases: volumes, groups and disks in good and bad times.</summary>
public sealed class LvmReportParserTests
{
    private const string Name = "fleet_nightly_20261120T205500Z";

    public static TheoryData<string> Releases => Recording.Releases();

    [Theory]
    [MemberData(nameof(Releases))]
    public void EveryReport_ThatWasRecorded_IsUnderstoodToTheLastRow(string release)
    {
        foreach (var name in Recording.Names(release))
        {
            var recording = new Recording(release, name);
            var tool = name.Split('-')[0];
            if (recording.Exit != 0 || tool is not ("lvs" or "vgs" or "pvs"))
            {
                continue;
            }

            var report = recording.Play(new LvmReportOutput()).Report.Span;
            var refused = tool switch
            {
                "lvs" => LvmReportParser.Volumes(report).Refused,
                "vgs" => LvmReportParser.Groups(report).Refused,
                _ => LvmReportParser.Devices(report).Refused,
            };
            Assert.True(refused.Count == 0, $"{name}: {string.Join('\n', refused)}");
        }
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Volumes_OfEveryKind_AreRead(string release)
    {
        var volumes = Volumes(release, "lvs");

        Assert.Equal((LvmVolumeKind.Plain, 314_572_800L, true), (volumes["home"].Kind, volumes["home"].SizeBytes, volumes["home"].Active));
        Assert.Equal((LvmVolumeKind.Plain, true), (volumes["two-words_1.2"].Kind, volumes["two-words_1.2"].Writable));
        var pool = volumes["pool"];
        Assert.Equal((LvmVolumeKind.ThinPool, 629_145_600L, 4_194_304L), (pool.Kind, pool.SizeBytes, pool.MetadataSizeBytes));
        Assert.Equal((false, true), (pool.FailsWhenFull, pool.Monitored));
        Assert.InRange(pool.DataPercent!.Value, 1, 20);
        Assert.InRange(pool.MetadataPercent!.Value, 5, 20);
        var thin = volumes["vol"];
        Assert.Equal((LvmVolumeKind.Thin, "pool", pool.Uuid, null), (thin.Kind, thin.Pool, thin.PoolUuid, thin.Origin));
        Assert.Equal("vg/vol", thin.FullName);
        Assert.InRange(thin.Created!.Value.Year, 2024, 2040);
        Assert.Equal((LvmVolumeKind.Internal, false), (volumes["lvol0_pmspare"].Kind, volumes["lvol0_pmspare"].Active));
        Assert.Equal(LvmVolumeKind.Internal, volumes["pool_tdata"].Kind);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Volumes_WithTwoSegments_AreReadOnce(string release)
    {
        var recording = new Recording(release, "lvs").Play(new LvmReportOutput()).Report;

        Assert.Equal(2, Encoding.UTF8.GetString(recording.Span).Split("\"lv_name\":\"home\"").Length - 1);
        Assert.Single(LvmReportParser.Volumes(recording.Span).Items, v => v.Name == "home");
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Volumes_Snapshots_KnowTheirOriginAndTags(string release)
    {
        var volumes = Volumes(release, "lvs-snapshots");

        var thin = volumes[$"vol.{Name}"];
        Assert.Equal((LvmVolumeKind.Thin, "vol", volumes["vol"].Uuid), (thin.Kind, thin.Origin, thin.OriginUuid));
        Assert.Equal((true, false, true), (thin.SkipsActivation, thin.Active, thin.Writable));
        Assert.Equal(["fleet", "fleet.policy=nightly", "fleet.run=1846a328cf9540b68137b0507d35680c"], thin.Tags);
        Assert.Null(thin.DataPercent);
        var classic = volumes[$"home.{Name}"];
        Assert.Equal(
            (LvmVolumeKind.ClassicSnapshot, "home", 50_331_648L, false),
            (classic.Kind, classic.Origin, classic.SizeBytes, classic.SkipsActivation));
        Assert.InRange(classic.DataPercent!.Value, 0.01, 99);
        Assert.False(classic.SnapshotInvalid);
        Assert.Equal(
            (true, true),
            (Volumes(release, "lvs-activated")[$"vol.{Name}"].Active, Volumes(release, "lvs-activated")[$"vol.{Name}"].SkipsActivation));
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Volumes_MergePending_IsSeenUntilItIsDone(string release)
    {
        var pending = Volumes(release, "lvs-merge-pending");
        var merged = Volumes(release, "lvs-merged");

        Assert.Equal((true, false), (pending[$"vol.{Name}"].Merging, pending["before"].Merging));
        Assert.DoesNotContain($"vol.{Name}", merged.Keys);
        Assert.Equal("vol", pending["before"].Origin);
        // The snapshot took its origin's place: what was made of that has no origin any more.
        Assert.Null(merged["before"].Origin);
        Assert.True(Volumes(release, "lvs-merge-classic-pending")[$"home.{Name}"].Merging);
        Assert.DoesNotContain($"home.{Name}", Volumes(release, "lvs-merged-classic").Keys);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Volumes_Full_SaySo(string release)
    {
        var classic = Volumes(release, "lvs-classic-full")["small"];
        var nearly = Volumes(release, "lvs-data-nearly-full")["pool"];
        var full = Volumes(release, "lvs-data-full")["pool"];
        var metadata = Volumes(release, "lvs-metadata-nearly-full")["pool"];

        Assert.Equal((true, 100d), (classic.SnapshotInvalid, classic.DataPercent));
        Assert.InRange(nearly.DataPercent!.Value, 90, 99.9);
        Assert.Equal("", nearly.Health);
        Assert.Equal((100d, "out_of_data", true), (full.DataPercent, full.Health, full.FailsWhenFull));
        Assert.InRange(metadata.MetadataPercent!.Value, 75, 100);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Volumes_OnADiskThatIsGone_ArePartial(string release)
    {
        Assert.Equal("partial", Volumes(release, "lvs-missing")["stretched"].Health);
        var groups = LvmReportParser.Groups(Report(release, "vgs-missing")).Items;
        Assert.Equal(1, Assert.Single(groups).MissingDevices);
        Assert.Single(LvmReportParser.Devices(Report(release, "pvs-missing")).Items, d => d.Missing);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void GroupsAndDevices_Sizes_AddUp(string release)
    {
        var group = Assert.Single(LvmReportParser.Groups(Report(release, "vgs")).Items);
        var devices = LvmReportParser.Devices(Report(release, "pvs")).Items;

        Assert.Equal(("vg", 4_194_304L, 0L), (group.Name, group.ExtentBytes, group.MissingDevices));
        Assert.Equal(group.SizeBytes, devices.Where(d => d.Group == "vg").Sum(d => d.SizeBytes));
        Assert.Equal(group.FreeBytes, devices.Where(d => d.Group == "vg").Sum(d => d.FreeBytes));
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Reports_OfNothing_AreEmptyAndComplete(string release)
    {
        Assert.True(LvmReportParser.Volumes(Report(release, "lvs-none")) is { Items.Count: 0, IsComplete: true });
        Assert.True(LvmReportParser.Groups(Report(release, "vgs-none")) is { Items.Count: 0, IsComplete: true });
        Assert.True(LvmReportParser.Devices(Report(release, "pvs-none")) is { Items.Count: 0, IsComplete: true });
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("{\"report\":[]}")]
    [InlineData("{\"report\":[null]}")]
    [InlineData("{\"report\":[{\"vg\":[]}]}")]
    [InlineData("{\"report\":[{\"lv\":[null]}]}")]
    [InlineData("{\"report\":[{\"lv\":[{\"lv_name\":\"a\\nb\"}]}]}")]
    [InlineData("{\"report\":[{\"lv\":[{\"lv_name\":1}]}]}")]
    public void Volumes_OtherText_IsRefusedAndShown(string report)
    {
        var reading = LvmReportParser.Volumes(Encoding.UTF8.GetBytes(report));

        Assert.Empty(reading.Items);
        Assert.DoesNotContain('\n', Assert.Single(reading.Refused));
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Volumes_ValueThatIsNotKnown_CostsItsRowOnly(string release)
    {
        var text = Encoding.UTF8.GetString(Report(release, "lvs"));
        var changed = text.Replace("\"lv_name\":\"other\"", "\"lv_name\":\"\"", StringComparison.Ordinal)
            .Replace("\"7.", "\"a lot: 7.", StringComparison.Ordinal);

        var before = LvmReportParser.Volumes(Encoding.UTF8.GetBytes(text));
        var after = LvmReportParser.Volumes(Encoding.UTF8.GetBytes(changed));

        Assert.False(after.IsComplete);
        Assert.Equal(before.Items.Count, after.Items.Count + after.Refused.Count);
    }

    [Fact]
    public void Output_LineThatWasCut_MakesTheReportUnusable()
    {
        var output = new LvmReportOutput();
        output.OnLine(Fleet.Protocol.V1.LogStream.Stdout, "{"u8, Agent.Tools.LineEnd.NewLine, truncated: false);
        output.OnLine(Fleet.Protocol.V1.LogStream.Stdout, "\"report\""u8, Agent.Tools.LineEnd.NewLine, truncated: true);

        Assert.True(output.IsCut);
        Assert.True(output.Report.IsEmpty);
    }

    private static byte[] Report(string release, string name) => new Recording(release, name).Play(new LvmReportOutput()).Report.ToArray();

    private static Dictionary<string, LvmVolume> Volumes(string release, string name)
    {
        var reading = LvmReportParser.Volumes(Report(release, name));
        Assert.True(reading.IsComplete);
        return reading.Items.ToDictionary(v => v.Name);
    }
}
