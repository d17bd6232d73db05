using Fleet.Agent.Tools;
using Fleet.Protocol.V1;
using Fleet.Schedules.Retention;
using KeepRules = Fleet.Protocol.V1.KeepRules;
using RetentionBudget = Fleet.Protocol.V1.RetentionBudget;

namespace Fleet.Agent.Tests.Actions.Rsync.Versions;

/// <summary>Which dated trees go, and what nobody can make go. Real rsync.</summary>
public sealed class VersionRetentionTests : IDisposable
{
    private readonly ScratchTree _tree = new();
    private readonly RsyncHost _host = new();

    public VersionRetentionTests() => _tree.Shell("mkdir src; for i in {1..20}; do echo $i > src/$i; done");

    public void Dispose()
    {
        _host.Dispose();
        _tree.Dispose();
    }

    [Fact]
    public async Task TinySource_RunTwiceWithKeepVersionsOne_RemovesNoGoodTree()
    {
        await GrowAsync(12);
        _tree.Shell("rm src/{2..20}");

        for (var hour = 12; hour < 14; hour++)
        {
            var result = await RunAsync(hour, r => r.KeepVersions = 1);
            Assert.Equal((ActionOutcome.Failed, 16), (result.Outcome, result.RsyncPlan.Confirmation.Length));
        }

        Assert.Equal(14, Trees().Length);
        Assert.All(Trees()[..12], t => Assert.Equal(20, Directory.GetFiles(_tree.At($"dst/{t}")).Length));
    }

    [Fact]
    public async Task ShrunkenTree_Confirmed_CountsAndThins()
    {
        await GrowAsync(3);
        _tree.Shell("rm src/{2..20}");
        var asked = await RunAsync(3, r => r.KeepVersions = 2);

        var confirmed = await RunAsync(4, r => (r.KeepVersions, r.Confirmation) = (2, asked.RsyncPlan.Confirmation));
        var next = await RunAsync(5, r => r.KeepVersions = 2);

        Assert.Contains("it holds 2 entries, the last good one", asked.Message, StringComparison.Ordinal);
        Assert.Contains("does not count as a copy yet", asked.Message, StringComparison.Ordinal);
        Assert.True(confirmed.Outcome == ActionOutcome.Succeeded, confirmed.ToString());
        Assert.True(next.Outcome == ActionOutcome.Succeeded, next.ToString());
        Assert.Equal([Name(3), Name(4), Name(5)], Trees());
    }

    [Theory]
    [InlineData("rm src/{2..20}", false)]
    [InlineData("for i in src/*; do : > $i; done; echo > src/1", false)]
    [InlineData("rm src/20; echo more > src/more", true)]
    public async Task TreeWithoutARecordedSize_IsComparedAllTheSame(string change, bool good)
    {
        await GrowAsync(2);
        _tree.Shell("sed -i -e '/entries/d' -e '/bytes/d' dst/.fleet/fleet_nightly_*.json");
        _tree.Shell(change);

        var result = await RunAsync(3, r => r.KeepVersions = 1);
        var next = await RunAsync(4, r => r.KeepVersions = 1);

        Assert.Equal(good ? ActionOutcome.Succeeded : ActionOutcome.Failed, result.Outcome);
        Assert.Equal(good ? ActionOutcome.Succeeded : ActionOutcome.Failed, next.Outcome);
        Assert.Equal(good ? 2 : 4, Trees().Length);
    }

    [Fact]
    public async Task ShrunkenTree_SourceIsBack_IsNoLongerAskedAbout()
    {
        await GrowAsync(3);
        _tree.Shell("mkdir aside; mv src/{2..20} aside");
        var asked = await RunAsync(3, r => r.KeepVersions = 2);
        _tree.Shell("mv aside/* src");

        var result = await RunAsync(4, r => r.KeepVersions = 2);

        Assert.Equal(ActionOutcome.Failed, asked.Outcome);
        Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
        Assert.Equal([Name(1), Name(2), Name(3), Name(4)], Trees());
    }

    [Theory]
    [InlineData(0, ActionOutcome.Succeeded)]
    [InlineData(90, ActionOutcome.Failed)]
    public async Task MinPercentOfLast_IsThePolicys(int percent, ActionOutcome expected)
    {
        await GrowAsync(2);
        _tree.Shell("rm src/{18..20}");

        var result = await RunAsync(2, r => (r.KeepVersions, r.MinPercentOfLast) = (1, percent));

        Assert.Equal(expected, result.Outcome);
    }

    [Fact]
    public async Task KeepVersionsLowered_MostOfTheTrees_AsksAndTheConfirmedGo()
    {
        await GrowAsync(12);
        var asked = await RunAsync(12, r => r.KeepVersions = 1);
        var between = Trees().Length;

        var wrong = await RunAsync(13, r => (r.KeepVersions, r.Confirmation) = (1, "0123456789abcdef"));
        var confirmed = await RunAsync(13, r => (r.KeepVersions, r.Confirmation) = (1, asked.RsyncPlan.Confirmation));

        Assert.Equal((ActionOutcome.Failed, 13, 11), (asked.Outcome, between, asked.RsyncPlan.WouldDelete));
        Assert.Contains("what was confirmed was a different plan", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("nothing was changed", wrong.Message, StringComparison.Ordinal);
        Assert.True(confirmed.Outcome == ActionOutcome.Succeeded, confirmed.ToString());
        Assert.Equal([Name(12), Name(13)], Trees());
    }

    [Fact]
    public async Task GuardsFloor_ConfirmedToo_Survives()
    {
        await GrowAsync(12);
        var floor = new RetentionGuard { Floor = 7 };
        for (var hour = 12; hour < 16; hour++)
        {
            var asked = await RunAsync(hour, r => (r.KeepVersions, r.DryRun) = (1, true), floor);
            await RunAsync(hour, r => (r.KeepVersions, r.Confirmation) = (1, asked.RsyncPlan.Confirmation), floor);
            Assert.True(Trees().Length >= 7, $"{Trees().Length} are left");
        }

        Assert.Equal(7, Trees().Length);
    }

    [Fact]
    public async Task GuardsYoungest_NothingYoungerGoes()
    {
        await GrowAsync(3);

        await RunAsync(3, r => r.KeepVersions = 2, new RetentionGuard { YoungestAge = TimeSpan.FromDays(36_600) });

        Assert.Equal(4, Trees().Length);
    }

    [Fact]
    public async Task Keep_ByDays_KeepsTheLastOfEach()
    {
        for (var hour = 0; hour < 60; hour += 6)
        {
            var result = await RunAsync(hour, r => r.Retention = Daily(2));
            Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
        }

        // The last run is on the 23rd at 02:55; of the two days before it the last tree each.
        Assert.Equal(["fleet_nightly_20261122T205500Z", "fleet_nightly_20261123T025500Z"], Trees());
    }

    [Fact]
    public async Task Keep_DryRun_SaysWhatWouldGo()
    {
        await RunAsync(0, r => r.Retention = Daily(2));
        await RunAsync(30, r => r.Retention = Daily(2));

        var result = await RunAsync(54, r => (r.Retention, r.DryRun) = (Daily(2), true));

        Assert.Contains($"would remove {Name(0)}", result.Details);
        Assert.Equal([$"{Name(0)}/"], result.RsyncPlan.Deletions.Select(d => d.ToStringUtf8()));
        Assert.Equal(2, Trees().Length);
    }

    [Fact]
    public async Task Keep_ClockNotSynchronised_RemovesNothingAndSaysSo()
    {
        await RunAsync(0, r => r.Retention = Daily(1));
        _host.IsClockSynchronised = false;

        var result = await RunAsync(1, r => r.Retention = Daily(1));

        Assert.Equal(ActionOutcome.SucceededWithWarnings, result.Outcome);
        Assert.Contains(result.Details, d =>
            d.Contains("no older tree was removed", StringComparison.Ordinal) && d.Contains("not synchronised", StringComparison.Ordinal));
        Assert.Equal(2, Trees().Length);
    }

    [Fact]
    public async Task FullDisk_KeepVersionsLowered_MakesRoomFirst()
    {
        await GrowAsync(8);
        var tools = new FullDisk(() => Trees().Length > 5);
        var full = await RunAsync(8, r => r.KeepVersions = 20, tools: tools);

        var lowered = await RunAsync(9, r => r.KeepVersions = 4, tools: tools);

        Assert.Equal(ActionOutcome.Refused, full.Outcome);
        Assert.True(lowered.Outcome == ActionOutcome.Succeeded, lowered.ToString());
        Assert.Equal([Name(4), Name(5), Name(6), Name(7), Name(9)], Trees());
    }

    [Fact]
    public async Task KeepIncomplete_OneFileCannotBeRead_TreeIsKeptMarkedAndNoCopy()
    {
        await GrowAsync(2);
        _tree.Shell("echo hidden > src/hidden; chown 65534 src/hidden; chmod 0 src/hidden; echo new > src/new");
        var tools = new NotAlmighty();
        var none = await RunAsync(2, r => r.KeepVersions = 1, tools: tools);

        for (var hour = 3; hour < 7; hour++)
        {
            var result = await RunAsync(hour, r => (r.KeepVersions, r.KeepIncomplete) = (1, true), tools: tools);

            Assert.Equal((ActionOutcome.Failed, 23), (result.Outcome, result.ExitCode));
            Assert.Equal(_tree.At($"dst/{Name(hour)}.incomplete"), result.Rsync.VersionPath.ToStringUtf8());
            Assert.StartsWith($"{Name(hour)}.incomplete is kept, marked incomplete: ", result.Message, StringComparison.Ordinal);
            Assert.Contains(result.Details, d => d.Contains("hidden", StringComparison.Ordinal));
        }

        Assert.True(none.Rsync.VersionPath.IsEmpty);
        Assert.Equal([Name(0), Name(1), $"{Name(5)}.incomplete", $"{Name(6)}.incomplete"], Trees());
        Assert.Equal("new\n", _tree.Read($"dst/{Name(6)}.incomplete/new"));
        Assert.Contains("\"incomplete\": true", _tree.Read($"dst/.fleet/{Name(6)}.incomplete.json"), StringComparison.Ordinal);
        Assert.Equal("1\n", _tree.Shell($"stat -c %i dst/{Name(1)}/1 dst/{Name(6)}.incomplete/1 | sort -u | wc -l"));
    }

    [Fact]
    public async Task DryRun_WithXattrsAndSubFolders_Succeeds()
    {
        _tree.Shell("mkdir -p src/sub/deep; echo x > src/sub/deep/x");
        await RunAsync(0, r => r.AclsAndXattrs = true);
        _tree.Shell("mkdir src/sub/new; echo y > src/sub/new/y");

        var result = await RunAsync(1, r => (r.AclsAndXattrs, r.DryRun) = (true, true));
        var first = await RunAsync(1, r => (r.AclsAndXattrs, r.DryRun, r.Destination) = (true, true, TestRun.Local(_tree.At("nothing"))));

        Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
        Assert.True(first.Outcome == ActionOutcome.Succeeded, first.ToString());
        Assert.Contains(result.Details, d => d.EndsWith(" sub/new/y", StringComparison.Ordinal));
        Assert.DoesNotContain(result.Details, d => d.EndsWith(" sub/deep/x", StringComparison.Ordinal));
        Assert.False(Directory.Exists(_tree.At("nothing")));
    }

    private static Protocol.V1.Retention Daily(int days) =>
        new()
        {
            Keep = new KeepRules { Daily = days },
            Budget = new RetentionBudget { MostPercent = 60 },
        };

    private static string Name(int hour) => $"fleet_nightly_{TestRun.Instant.AddHours(hour):yyyyMMdd'T'HHmmss'Z'}";

    private string[] Trees() =>
        [
            .. Directory
                .GetDirectories(_tree.At("dst"))
                .Select(d => Path.GetFileName(d))
                .Where(d => !d.StartsWith('.'))
                .Order(StringComparer.Ordinal),
        ];

    private async Task GrowAsync(int trees)
    {
        for (var hour = 0; hour < trees; hour++)
        {
            var result = await RunAsync(hour, r => r.KeepVersions = 50);
            Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
        }
    }

    private Task<ActionResult> RunAsync(
        int hour, Action<RsyncAction>? change = null, RetentionGuard? guard = null, IToolRunner? tools = null)
    {
        _host.SetClock(TestRun.Instant.AddHours(hour));
        return _host.Action.RunAsync(
            TestRun.For(
                TestRun.Rsync(RsyncMode.Versions, _tree.At("src"), _tree.At("dst"), change),
                at: TestRun.Instant.AddHours(hour),
                guardVersions: guard,
                tools: tools),
            CancellationToken.None);
    }

    /// <summary>A disk that has one byte free as long as something holds.</summary>
    private sealed class FullDisk(Func<bool> isFull) : IToolRunner
    {
        public string? Find(string tool) => TestRun.Tools.Find(tool);

        public Task<ToolResult> RunAsync(ToolRequest request, IToolOutput output, CancellationToken cancellationToken) =>
            TestRun.Tools.RunAsync(
                request.Program == "stat" && request.Arguments[0].ToString() == "-f" && isFull()
                    ? request with
                    {
                        Program = "echo",
                        Arguments = ["1 1 100"],
                    }
                    : request,
                output,
                cancellationToken);
    }

    /// <summary>rsync as root that may not read everything.</summary>
    private sealed class NotAlmighty : IToolRunner
    {
        public string? Find(string tool) => TestRun.Tools.Find(tool);

        public Task<ToolResult> RunAsync(ToolRequest request, IToolOutput output, CancellationToken cancellationToken) =>
            TestRun.Tools.RunAsync(
                request.Program == "rsync"
                    ? request with
                    {
                        Program = "setpriv",
                        Arguments =
                        [
                            "--bounding-set=-dac_override,-dac_read_search",
                            "--inh-caps=-dac_override,-dac_read_search",
                            "rsync",
                            .. request.Arguments,
                        ],
                    }
                    : request,
                output,
                cancellationToken);
    }
}
