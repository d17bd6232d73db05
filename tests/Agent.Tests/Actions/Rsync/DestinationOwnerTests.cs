using Fleet.Agent.Actions;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Rsync;

/// <summary>A destination has one owner: real rsync, local folders.</summary>
public sealed class DestinationOwnerTests : IDisposable
{
    private readonly ScratchTree _tree = new();
    private readonly RsyncHost _host = new();

    public DestinationOwnerTests() => _tree.Shell("mkdir src other; echo 1 > src/a; echo 2 > other/b");

    public void Dispose()
    {
        _host.Dispose();
        _tree.Dispose();
    }

    [Theory]
    [InlineData(RsyncMode.Copy)]
    [InlineData(RsyncMode.Mirror)]
    public async Task FirstRun_EmptyOrMissing_Claims(RsyncMode mode)
    {
        var first = await RunAsync(mode, "src");
        var again = await RunAsync(mode, "src");

        Assert.True(first.Outcome == ActionOutcome.Succeeded, first.ToString());
        Assert.True(again.Outcome == ActionOutcome.Succeeded, again.ToString());
        Assert.Contains("\"policy\": \"nightly\"", _tree.Read("dst/.fleet-owner.json"), StringComparison.Ordinal);
        _tree.AssertEqual("src", "dst");
    }

    [Theory]
    [InlineData(RsyncMode.Copy)]
    [InlineData(RsyncMode.Mirror)]
    public async Task AnotherPolicysDestination_IsLeftAloneUntilConfirmed(RsyncMode mode)
    {
        await RunAsync(RsyncMode.Mirror, "src", policy: "old-name");

        var asked = await RunAsync(mode, "other");
        var listed = _tree.Shell("ls dst");
        var adopted = await RunAsync(mode, "other", confirmation: asked.RsyncPlan.Confirmation);
        var next = await RunAsync(mode, "other");

        Assert.Equal(ActionOutcome.Failed, asked.Outcome);
        Assert.Contains("belongs to policy old-name of host test", asked.Message, StringComparison.Ordinal);
        Assert.Contains($"fleet run nightly --host test --confirm {asked.RsyncPlan.Confirmation}", asked.Message, StringComparison.Ordinal);
        Assert.Equal("a\n", listed);
        Assert.True(adopted.Outcome == ActionOutcome.Succeeded, adopted.ToString());
        Assert.True(next.Outcome == ActionOutcome.Succeeded, next.ToString());
        Assert.Equal(mode == RsyncMode.Mirror ? "b\n" : "a\nb\n", _tree.Shell("ls dst"));
    }

    [Theory]
    [InlineData("another id", "web9", null, false)]
    [InlineData("another id", "test", null, true)]
    [InlineData(null, "renamed", null, true)]
    [InlineData(null, "test", "another fleet", false)]
    public async Task AnotherHostOrFleet_Asks_TheSameHostEnrolledAnewDoesNot(string? hostId, string host, string? fleet, bool isOwn)
    {
        var mine = Context(RsyncMode.Mirror, "src");
        await _host.Action.RunAsync(
            mine with
            {
                HostId = hostId ?? mine.HostId,
                HostName = host,
                FleetId = fleet ?? mine.FleetId,
            },
            CancellationToken.None);

        var result = await _host.Action.RunAsync(Context(RsyncMode.Mirror, "src"), CancellationToken.None);

        Assert.Equal(isOwn ? ActionOutcome.Succeeded : ActionOutcome.Failed, result.Outcome);
    }

    [Fact]
    public async Task FirstMirror_ForeignContent_AsksAndDeletesNothing()
    {
        _tree.Shell("mkdir -p dst/photos dst/lost+found; echo precious > dst/photos/1");

        var asked = await RunAsync(RsyncMode.Mirror, "src");

        Assert.Equal((ActionOutcome.Failed, 2), (asked.Outcome, asked.RsyncPlan.WouldDelete));
        Assert.Contains("no run of this policy made them", asked.Message, StringComparison.Ordinal);
        Assert.Equal("lost+found\nphotos\n", _tree.Shell("ls dst"));

        var confirmed = await RunAsync(RsyncMode.Mirror, "src", confirmation: asked.RsyncPlan.Confirmation);

        Assert.True(confirmed.Outcome == ActionOutcome.Succeeded, confirmed.ToString());
        Assert.Equal("a\nlost+found\n", _tree.Shell("ls dst"));
    }

    [Fact]
    public async Task FirstMirror_OnlyWhatTheSourceHasOrLostAndFound_Goes()
    {
        _tree.Shell("mkdir -p dst/lost+found; cp -a src/a dst/a");

        var result = await RunAsync(RsyncMode.Mirror, "src");

        Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
        Assert.True(Directory.Exists(_tree.At("dst/lost+found")));
    }

    [Fact]
    public async Task FirstCopy_IntoFilledFolder_GoesAndClaims()
    {
        _tree.Shell("mkdir dst; echo precious > dst/own");

        var result = await RunAsync(RsyncMode.Copy, "src");
        var second = await RunAsync(RsyncMode.Copy, "other", policy: "second");

        Assert.Equal((ActionOutcome.Succeeded, ActionOutcome.Failed), (result.Outcome, second.Outcome));
        Assert.Equal("a\nown\n", _tree.Shell("ls dst"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Mirror_OfAMirror_KeepsEachItsOwner(bool deleteExcluded)
    {
        await RunAsync(RsyncMode.Mirror, "src");
        var chain = TestRun.Rsync(RsyncMode.Mirror, _tree.At("dst"), _tree.At("far"), r => r.DeleteExcluded = deleteExcluded);

        for (var run = 0; run < 2; run++)
        {
            var result = await _host.Action.RunAsync(TestRun.For(chain, policy: "chain"), CancellationToken.None);
            Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
        }

        Assert.Contains("\"policy\": \"chain\"", _tree.Read("far/.fleet-owner.json"), StringComparison.Ordinal);
        Assert.Contains("\"policy\": \"nightly\"", _tree.Read("dst/.fleet-owner.json"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dst/sub", "lies in")]
    [InlineData("dst/sub/deeper", "lies in")]
    [InlineData(".", "below the destination")]
    public async Task AboveOrBelowAnothersDestination_IsRefused(string destination, string expected)
    {
        await RunAsync(RsyncMode.Mirror, "src", policy: "theirs");
        _tree.Shell("mkdir -p dst/sub");

        var source = Directory.CreateTempSubdirectory("fleet-source-");
        try
        {
            File.WriteAllText(Path.Join(source.FullName, "x"), "x");
            var action = TestRun.Rsync(RsyncMode.Copy, source.FullName, _tree.At(destination));
            var result = await _host.Action.RunAsync(TestRun.For(action), CancellationToken.None);

            Assert.Equal((ActionOutcome.Refused, RefusalSource.SafetyRule), (result.Outcome, result.RefusalSource));
            Assert.Contains(expected, result.Message, StringComparison.Ordinal);
        }
        finally
        {
            source.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task CopyOfADestination_IsNobodys()
    {
        await RunAsync(RsyncMode.Mirror, "src", policy: "theirs");
        _tree.Shell("cp -a dst copied; rm -rf dst; mv copied dst");

        var result = await RunAsync(RsyncMode.Mirror, "src");

        Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
    }

    [Theory]
    [InlineData("ln -s /etc/passwd dst/.fleet-owner.json", false)]
    [InlineData("mkfifo dst/.fleet-owner.json", false)]
    [InlineData("echo '{' > dst/.fleet-owner.json", true)]
    [InlineData("head -c 100000 /dev/zero > dst/.fleet-owner.json", false)]
    public async Task OwnerFile_PlantedBySomebody_IsNotFollowed(string plant, bool asks)
    {
        _tree.Shell($"mkdir dst; {plant}");
        var before = File.ReadAllText("/etc/passwd");

        var result = await RunAsync(RsyncMode.Copy, "src");

        Assert.Equal(asks ? ActionOutcome.Failed : ActionOutcome.Succeeded, result.Outcome);
        Assert.Equal(before, File.ReadAllText("/etc/passwd"));
    }

    /// <summary>Made anew before each run, for the copy of the user's folder that is there by then.</summary>
    [Theory]
    [InlineData("echo x > alice/.fleet-owner.json")]
    [InlineData("mkdir -p alice/.fleet; echo x > alice/.fleet/owner.json")]
    [InlineData("echo '{\"fleet\":\"f\",\"policy\":\"p\",\"host_id\":\"h\",\"host\":\"h\",\"folder\":'$INODE'}' > alice/.fleet-owner.json")]
    public async Task MarkOfAUser_InTheSourceOrTheCopy_StopsNothing(string plant)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root");
        foreach (var planted in new[] { "src", "src", "dst" })
        {
            _tree.Shell($"INODE=$(stat -c %i dst/alice 2>/dev/null || echo 0); cd {planted}; mkdir -p alice; {plant}; chown -R 4711 alice");
            foreach (var mode in new[] { RsyncMode.Copy, RsyncMode.Mirror })
            {
                var result = await RunAsync(mode, "src");
                Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
            }
        }

        _tree.Shell("rm -r src/alice");
        var gone = await RunAsync(RsyncMode.Mirror, "src");
        Assert.True(gone.Outcome == ActionOutcome.Succeeded, gone.ToString());
        Assert.Equal("a\n", _tree.Shell("ls dst"));
    }

    [Fact]
    public async Task DryRun_ClaimsNothingAndSaysWhatItWouldAsk()
    {
        await RunAsync(RsyncMode.Mirror, "src", policy: "theirs");
        var owner = _tree.Read("dst/.fleet-owner.json");

        var result = await RunAsync(RsyncMode.Mirror, "other", change: r => r.DryRun = true);

        Assert.Equal((ActionOutcome.Succeeded, 16), (result.Outcome, result.RsyncPlan.Confirmation.Length));
        Assert.Contains("would ask first", result.Message, StringComparison.Ordinal);
        Assert.Equal(owner, _tree.Read("dst/.fleet-owner.json"));
    }

    private ActionContext Context(RsyncMode mode, string source, string policy = "nightly", Action<RsyncAction>? change = null) =>
        TestRun.For(TestRun.Rsync(mode, _tree.At(source), _tree.At("dst"), change), policy: policy);

    private Task<ActionResult> RunAsync(
        RsyncMode mode,
        string source,
        string policy = "nightly",
        string confirmation = "",
        Action<RsyncAction>? change = null
    ) => _host.Action.RunAsync(Context(mode, source, policy, r =>
            {
                r.Confirmation = confirmation;
                change?.Invoke(r);
            }),
            CancellationToken.None);
}
