using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Rsync;

/// <summary>A mirror by the real rsync that would delete more than it may.</summary>
public sealed class DeletionCountTests : IDisposable
{
    private readonly ScratchTree _tree = new();
    private readonly RsyncHost _host = new();

    public void Dispose()
    {
        _host.Dispose();
        _tree.Dispose();
    }

    [Fact]
    public async Task MoreThanThePolicyAllows_EveryRun_ChangesNothing()
    {
        await StartAsync("echo new > src/a; touch dst/{1..9}");
        var before = Listing();

        for (var run = 0; run < 5; run++)
        {
            var result = await RunAsync(r => r.MaxDelete = 2);

            Assert.Equal((ActionOutcome.Failed, false), (result.Outcome, result.Retryable));
            Assert.Equal((9, 16), (result.RsyncPlan.WouldDelete, result.RsyncPlan.Confirmation.Length));
            Assert.Equal(["1", "2", "3", "4", "5", "6", "7", "8", "9"], result.RsyncPlan.Deletions.Select(d => d.ToStringUtf8()).Order());
            Assert.Contains(
                $"fleet run nightly --host test --confirm {result.RsyncPlan.Confirmation}",
                result.Message,
                StringComparison.Ordinal);
            Assert.Equal(before, Listing());
        }
    }

    [Fact]
    public async Task ManyMarkedFolders_TheOneThatIsSomebodys_IsFoundAmongThem()
    {
        // Copies of folders of trees claim nothing; what is one lies among many of them, deeper than the look before goes.
        await StartAsync("echo new > src/a; for i in {100..400}; do mkdir -p dst/x/y/z/$i/.fleet; done");
        _tree.Shell("mkdir -p dst/x/y/z/250zz; printf '{\"fleet\":\"f\",\"policy\":\"other\",\"host_id\":\"h\",\"host\":\"h\",\"folder\":%s}' $(stat -c %i dst/x/y/z/250zz) > dst/x/y/z/250zz/.fleet-owner.json");

        var result = await RunAsync(r => r.MaxDelete = 5_000);

        Assert.Equal((ActionOutcome.Refused, RefusalSource.SafetyRule), (result.Outcome, result.RefusalSource));
        Assert.Contains("x/y/z/250zz", result.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(_tree.At("dst/x/y/z/250zz/.fleet-owner.json")));
    }

    [Fact]
    public void MarkedFolders_MoreThanCanBeRemembered_AreKnownToBeMore()
    {
        var list = new Agent.Actions.Rsync.DeletionList();
        for (var i = 0; i < 10_000 && !list.HasMoreMarked; i++)
        {
            list.Add(System.Text.Encoding.ASCII.GetBytes($"{new string('x', 200)}{i}/.fleet/"));
        }

        Assert.True(list.HasMoreMarked);
        Assert.InRange(list.Marked.Sum(m => m.Length), 900_000, 1024 * 1024);
    }

    [Fact]
    public async Task Confirmed_SamePlan_DeletesExactlyThat()
    {
        await StartAsync("echo new > src/a; touch dst/{1..9}");
        var asked = await RunAsync(r => r.MaxDelete = 2);

        var result = await RunAsync(r => (r.MaxDelete, r.Confirmation) = (2, asked.RsyncPlan.Confirmation));

        Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
        Assert.Equal(9, result.Rsync.FilesDeleted);
        Assert.Equal("a\n", Listing());
    }

    [Fact]
    public async Task Confirmed_PlanHasChanged_DoesNothing()
    {
        await StartAsync("echo new > src/a; touch dst/{1..9}");
        var asked = await RunAsync(r => r.MaxDelete = 2);
        _tree.Shell("mv dst/1 dst/other");

        var result = await RunAsync(r => (r.MaxDelete, r.Confirmation) = (2, asked.RsyncPlan.Confirmation));

        Assert.Equal(ActionOutcome.Failed, result.Outcome);
        Assert.Contains("what was confirmed was a different plan", result.Message, StringComparison.Ordinal);
        Assert.NotEqual(asked.RsyncPlan.Confirmation, result.RsyncPlan.Confirmation);
        Assert.Equal("2\n3\n4\n5\n6\n7\n8\n9\na\nother\n", Listing());
    }

    [Fact]
    public async Task MoreThanTheGuardAllows_ConfirmedToo_IsRefused()
    {
        await StartAsync("echo new > src/a; touch dst/{1..9}");
        var dry = await RunAsync(r => (r.MaxDelete, r.DryRun) = (2, true));

        var result = await RunAsync(r => (r.MaxDelete, r.Confirmation) = (2, dry.RsyncPlan.Confirmation), guardMaxDelete: 8);

        Assert.Equal((ActionOutcome.Refused, "test", RefusalSource.Guard), (result.Outcome, result.RefusedBy, result.RefusalSource));
        Assert.Contains("allows 8 in one run, which no confirmation can exceed", result.Message, StringComparison.Ordinal);
        Assert.Equal("", result.RsyncPlan.Confirmation);
        Assert.Equal("1\n2\n3\n4\n5\n6\n7\n8\n9\na\n", Listing());
    }

    [Fact]
    public async Task NoLimitInThePolicy_MostOfALargeCopyWouldGo_Asks()
    {
        _tree.Shell("mkdir src dst; touch src/{1..300}");
        Assert.Equal(ActionOutcome.Succeeded, (await RunAsync()).Outcome);
        _tree.Shell("rm src/{1..160}");

        var asked = await RunAsync();
        var given = await RunAsync(r => r.MaxDelete = 500);

        Assert.Equal(ActionOutcome.Failed, asked.Outcome);
        Assert.Contains("more than half", asked.Message, StringComparison.Ordinal);
        Assert.Equal((ActionOutcome.Succeeded, 160), (given.Outcome, given.Rsync.FilesDeleted));
    }

    [Fact]
    public async Task FolderInTheWayOfAFile_ItsContent_IsCountedToo()
    {
        await StartAsync("mkdir -p dst/way/sub; echo file > src/way; touch dst/way/sub/{1..5}");

        var asked = await RunAsync(r => r.MaxDelete = 3);

        Assert.Equal((ActionOutcome.Failed, 6), (asked.Outcome, asked.RsyncPlan.WouldDelete));
        Assert.True(Directory.Exists(_tree.At("dst/way/sub")));
    }

    [Fact]
    public async Task MoreToDeleteThanCounted_SinceTheCount_StopsAtTheCount()
    {
        await StartAsync("touch src/{1..5} dst/{1..5} dst/{x,y}");
        var tools = new BetweenPasses(() => _tree.Shell("rm src/{1..4}"));

        var result = await RunAsync(tools: tools);

        Assert.Equal(ActionOutcome.Failed, result.Outcome);
        Assert.Contains("after the 2 that were counted before", result.Message, StringComparison.Ordinal);
        Assert.Equal(7, Directory.GetFiles(_tree.At("dst")).Length);
    }

    [Fact]
    public async Task NothingToDo_Mirror_LooksOnceOnly()
    {
        _tree.Shell("mkdir src; touch src/{1..5}");
        await RunAsync();
        var tools = new BetweenPasses(() => { });

        var result = await RunAsync(tools: tools);

        Assert.Equal((ActionOutcome.Succeeded, 0, 6), (result.Outcome, result.Rsync.FilesTransferred, result.Rsync.Files));
        Assert.Null(result.RsyncPlan);
        Assert.Equal(1, tools.Passes);
    }

    [Fact]
    public async Task DryRun_OddNames_ArePlannedByteForByte()
    {
        _tree.Shell(
            """mkdir src dst; touch src/a; touch $'dst/new\nline' $'dst/bad\xff' 'dst/ lead' 'dst/12 x' 'dst/back\slash' 'dst/h\#012'""");

        var result = await RunAsync(r => r.DryRun = true);

        Assert.Equal((ActionOutcome.Succeeded, 6), (result.Outcome, result.RsyncPlan.WouldDelete));
        Assert.Equal(
            _tree.Shell("cd dst; find . -mindepth 1 -printf '%P\\0' | LC_ALL=C sort -z").Split('\0', StringSplitOptions.RemoveEmptyEntries),
            result.RsyncPlan.Deletions.Select(d => System.Text.Encoding.Latin1.GetString(d.Span)).Order(StringComparer.Ordinal));
    }

    /// <summary>A destination that is this policy's, and what happened since.</summary>
    private async Task StartAsync(string since)
    {
        _tree.Shell("mkdir src; echo old > src/a");
        Assert.Equal(ActionOutcome.Succeeded, (await RunAsync()).Outcome);
        _tree.Shell(since);
    }

    private string Listing() => _tree.Shell("ls dst");

    private Task<ActionResult> RunAsync(
        Action<RsyncAction>? change = null,
        long guardMaxDelete = long.MaxValue,
        IToolRunner? tools = null
    ) =>
        _host.Action.RunAsync(
            TestRun.For(
                TestRun.Rsync(RsyncMode.Mirror, _tree.At("src"), _tree.At("dst"), change),
                guardMaxDelete: guardMaxDelete,
                tools: tools),
            CancellationToken.None);

    /// <summary>Does something between the counting and the transfer.</summary>
    private sealed class BetweenPasses(System.Action between) : IToolRunner
    {
        public int Passes { get; private set; }

        public string? Find(string tool) => TestRun.Tools.Find(tool);

        public Task<ToolResult> RunAsync(ToolRequest request, IToolOutput output, CancellationToken cancellationToken)
        {
            if (request.Program == "rsync" && ++Passes == 2)
            {
                between();
            }

            return TestRun.Tools.RunAsync(request, output, cancellationToken);
        }
    }
}
