using System.Globalization;
using System.Text;
using Fleet.Agent.Tests.Tools;
using Fleet.Agent.Tools;
using Fleet.Agent.Zfs.Pool;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Zfs.Pool;

/// <summary>`zpool status` of pools in every state that could be brought about in a virtual machine.</summary>
public sealed class ZpoolStatusParserTests
{
    public static TheoryData<string> Releases => Recording.Releases(Recording.OfZfs);

    [Theory]
    [MemberData(nameof(Releases))]
    public void AnyRecording_OfOnePool_IsUnderstoodToTheLastLine(string release)
    {
        var seen = 0;
        foreach (var name in Recording
                .Names(release, Recording.OfZfs)
                .Where(n =>
                    (n.StartsWith("status-", StringComparison.Ordinal) || n.Contains("-status", StringComparison.Ordinal))
                    && !n.Contains("json", StringComparison.Ordinal)
                    && n is not ("status-two-pools" or "status-data-errors-listed")))
        {
            var recording = new Recording(release, name, Recording.OfZfs);
            var parser = recording.Play(new ZpoolStatusParser());
            if (recording.Exit == 0 && parser.Errors.Lines is not ["no pools available"])
            {
                Assert.NotNull(parser.Result);
                Assert.True(parser.Result.Refused.Count == 0, $"{name}: {string.Join('\n', parser.Result.Refused)}");
                seen++;
            }
        }

        Assert.True(seen >= 15, $"only {seen} recordings");
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Healthy_Mirror_HasNoProblem(string release)
    {
        var status = Read(release, "status-healthy");

        Assert.Equal(
            ("tank", ZfsHealth.Online, "", "", false, 0L),
            (status.Pool, status.Health, status.Problem, status.Advice, status.FeaturesToUpgrade, status.DataErrors));
        Assert.Empty(status.Scans);
        Assert.Equal(
            [("tank", 0), ("mirror-0", 1), ("/dev/disk/by-id/virtio-scratch1-part1", 2), ("/dev/disk/by-id/virtio-scratch2-part1", 2)],
            status.Vdevs.Select(v => (v.Name, v.Depth)));
        Assert.All(status.Vdevs, v =>
            Assert.Equal((ZfsHealth.Online, 0L, 0L, 0L, "", ""), (v.Health, v.ReadErrors, v.WriteErrors, v.ChecksumErrors, v.Note, v.Class)));
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void OldFormat_Features_CanBeUpgraded(string release)
    {
        var status = Read(release, "first-status-old");

        Assert.True(status.FeaturesToUpgrade);
        Assert.Equal(("old pool", "old pool"), (status.Pool, status.Vdevs[0].Name));
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Scrub_FromStartToEnd_IsFollowed(string release)
    {
        var running = Assert.Single(Read(release, "status-scrub-running").Scans);
        var paused = Assert.Single(Read(release, "status-scrub-paused").Scans);
        var canceled = Assert.Single(Read(release, "status-scrub-canceled").Scans);
        var finished = Assert.Single(Read(release, "status-scrub-finished").Scans);

        Assert.Equal(
            (ZfsScanKind.Scrub, ZfsScanState.Running, 0d, null),
            (running.Kind, running.State, running.Percent, running.Remaining));
        Assert.Equal((ZfsScanKind.Scrub, ZfsScanState.Paused, 0d), (paused.Kind, paused.State, paused.Percent));
        Assert.Equal((ZfsScanKind.Scrub, ZfsScanState.Canceled), (canceled.Kind, canceled.State));
        Assert.Equal(
            (ZfsScanKind.Scrub, ZfsScanState.Finished, 0L, 0L),
            (finished.Kind, finished.State, finished.Errors, finished.RepairedBytes));
        Assert.True(running.At < paused.At && paused.At < canceled.At && canceled.At < finished.At);
        Assert.True(finished.Duration < TimeSpan.FromMinutes(30));
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void OverwrittenDisk_AfterScrub_CountsChecksumErrors(string release)
    {
        var status = Read(release, "status-repaired");

        Assert.Equal((ZfsHealth.Online, 0L), (status.Health, status.DataErrors));
        Assert.StartsWith("One or more devices has experienced an unrecoverable error.", status.Problem, StringComparison.Ordinal);
        Assert.Contains("zpool clear", status.Advice, StringComparison.Ordinal);
        Assert.Equal([0L, 0L, 0L], status.Vdevs.Take(3).Select(v => v.ChecksumErrors!.Value));
        Assert.True(status.Vdevs[3].ChecksumErrors > 10);
        Assert.True(status.Scans[0].RepairedBytes > 1_000_000);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void LostData_Count_IsRead(string release)
    {
        var status = Read(release, "status-data-errors");

        Assert.True(status.DataErrors > 0);
        Assert.True(status.Scans[0].Errors > 0);
        Assert.Contains("data corruption", status.Problem, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Degraded_Device_IsNamedWithItsState(string release)
    {
        var faulted = Read(release, "status-degraded");
        var offline = Read(release, "status-offline");
        var missing = Read(release, "status-missing");

        Assert.Equal((ZfsHealth.Degraded, ZfsHealth.Degraded), (faulted.Health, faulted.Vdevs[0].Health));
        Assert.Equal((ZfsHealth.Faulted, "external device fault"), (faulted.Vdevs[3].Health, faulted.Vdevs[3].Note));
        Assert.Equal(ZfsHealth.Offline, offline.Vdevs[3].Health);
        Assert.Equal(
            (ZfsHealth.Unavailable, "was /dev/disk/by-id/virtio-scratch4-part1"),
            (missing.Vdevs[3].Health, missing.Vdevs[3].Note));
        Assert.True(ulong.TryParse(missing.Vdevs[3].Name, NumberStyles.None, CultureInfo.InvariantCulture, out _));
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Replacing_Resilver_IsFollowed(string release)
    {
        var during = Read(release, "status-resilvering");
        var after = Read(release, "status-resilvered");

        Assert.Equal((ZfsScanKind.Resilver, ZfsScanState.Running), (during.Scans[0].Kind, during.Scans[0].State));
        Assert.Contains(during.Vdevs, v => v is { Name: "replacing-1", Depth: 2 });
        Assert.Equal((ZfsScanKind.Resilver, ZfsScanState.Finished, 0L), (after.Scans[0].Kind, after.Scans[0].State, after.Scans[0].Errors));
        Assert.Equal(ZfsHealth.Online, after.Health);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void EveryClassOfDevice_IsKeptApart(string release)
    {
        var vdevs = Read(release, "status-wide").Vdevs;

        Assert.Equal(
            [
                "wide",
                "raidz1-0",
                "/files/a",
                "/files/b",
                "/files/c",
                "/files/f",
                "mirror-1",
                "/files/d",
                "/files/e",
                "/dev/disk/by-id/virtio-scratch5-part1",
                "/files/g",
            ],
            vdevs.Select(v => v.Name).ToArray());
        Assert.Equal(["", "", "", "", "", "special", "logs", "logs", "logs", "cache", "spares"], vdevs.Select(v => v.Class));
        Assert.Equal((ZfsHealth.Available, null), (vdevs[^1].Health, vdevs[^1].ReadErrors));
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Suspended_Pool_SaysSo(string release)
    {
        var status = Read(release, "suspended-status");

        Assert.Equal(ZfsHealth.Suspended, status.Health);
        Assert.Contains("zpool clear", status.Advice, StringComparison.Ordinal);
        Assert.True(status.Vdevs.Sum(v => v.ReadErrors + v.WriteErrors) > 0);
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void TwoPools_InOneOutput_AreNotMixedUp(string release)
    {
        var status = Read(release, "status-two-pools");

        Assert.Equal("old pool", status.Pool);
        Assert.Contains("  pool: tank", status.Refused);
    }

    [Fact]
    public void UnknownLines_OfANewerRelease_AreShownAndCostNothingElse()
    {
        var status = Feed(
            "  pool: tank\n state: ONLINE\nexpand: expansion of raidz1-0 in progress\n\tmore of it\n  scan: something new on Wed Nov 25 16:31:02 2026\nconfig:\n\n"
            + "\tNAME    STATE     READ WRITE CKSUM  NEW\n\ttank    ONLINE       0     0     0  x\n\t  sda   SLEEPING     0     0     0\n\nerrors: No known data errors\n");

        Assert.Equal((ZfsHealth.Online, 0L), (status.Health, status.DataErrors));
        Assert.Equal(
            [
                "expand: expansion of raidz1-0 in progress",
                @"\x09more of it",
                "  scan: something new on Wed Nov 25 16:31:02 2026",
                @"\x09  sda   SLEEPING     0     0     0",
            ],
            status.Refused);
        Assert.Equal("tank", Assert.Single(status.Vdevs).Name);
    }

    [Theory]
    [InlineData("scrub repaired 36.2M in 1 days 02:03:04 with 7 errors on Sun Nov  1 06:05:04 2026", 26, 7)]
    [InlineData("resilvered (mirror-0) 1.50T in 00:00:16 with 0 errors on Wed Nov 25 16:34:03 2026", 0, 0)]
    public void Scan_Finished_IsRead(string text, int hours, int errors)
    {
        Assert.True(ZpoolScanParser.TryParse(text, out var scan));

        Assert.Equal((ZfsScanState.Finished, (long?)errors), (scan!.State, scan.Errors));
        Assert.Equal(hours, (int)scan.Duration!.Value.TotalHours);
    }

    [Fact]
    public void Scan_Progress_GivesPercentAndTimeLeft()
    {
        Assert.True(ZpoolScanParser.TryParse("scrub in progress since Sun Nov  1 06:05:04 2026", out var scan));

        scan = ZpoolScanParser.Continue(scan!, "0B repaired, 45.31% done, 2 days 01:02:03 to go");

        Assert.Equal((45.31, new TimeSpan(2, 1, 2, 3)), (scan!.Percent, scan.Remaining));
        Assert.Equal(new DateTimeOffset(2026, 11, 1, 6, 5, 4, TimeSpan.Zero), scan.At);
    }

    [Theory]
    [InlineData("")]
    [InlineData("scrub repaired in 00:00:04 with 0 errors on Wed Nov 25 16:33:20 2026")]
    [InlineData("scrub repaired 1.2.3K in 00:00:04 with 0 errors on Wed Nov 25 16:33:20 2026")]
    [InlineData("scrub repaired 0B in 00:00:04 with 0 errors on Mi 25. Nov 16:33:20 CET 2026")]
    [InlineData("scrub repaired 0B in 99:99 with 0 errors on Wed Nov 25 16:33:20 2026")]
    [InlineData("scrub in progress since the beginning")]
    public void Scan_OtherText_IsRefused(string text) => Assert.False(ZpoolScanParser.TryParse(text, out _));

    private static ZfsPoolStatus Read(string release, string name)
    {
        var status = new Recording(release, name, Recording.OfZfs).Play(new ZpoolStatusParser()).Result;
        Assert.NotNull(status);
        return status;
    }

    private static ZfsPoolStatus Feed(string text)
    {
        var parser = new ZpoolStatusParser();
        var lines = new LineSplitter(LogStream.Stdout, parser, 8192);
        lines.Write(Encoding.UTF8.GetBytes(text));
        lines.Complete();
        return parser.Result!;
    }

}
