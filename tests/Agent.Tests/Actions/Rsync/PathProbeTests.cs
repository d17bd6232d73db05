using System.Text;
using Fleet.Agent.Actions.Rsync;
using Fleet.Agent.Files;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;
using Fleet.Testing;
using Google.Protobuf;

namespace Fleet.Agent.Tests.Actions.Rsync;

public sealed class PathProbeTests
{
    [Fact]
    public async Task HungPath_GivesUpAndIsNotAskedAgain()
    {
        var time = new FakeTimeProvider();
        var tools = new NeverReturns();
        var probe = new PathProbe(tools, time, new());

        using var root = OpenPath.Folder("/"u8);
        var first = probe.FreeBytesAsync(root, "/hung"u8.ToArray(), CancellationToken.None);
        await time.WaitForTimersAsync();
        time.Advance(PathProbe.Timeout + TimeSpan.FromMinutes(1));
        var second = await probe.FreeBytesAsync(root, "/hung"u8.ToArray(), CancellationToken.None);

        Assert.Contains("hangs", (await first).Problem, StringComparison.Ordinal);
        Assert.Contains("earlier request", second.Problem, StringComparison.Ordinal);
        Assert.Equal(1, tools.Calls);
    }

    [Fact]
    public async Task HungPath_OfAnEarlierRun_IsNotAskedAgain()
    {
        var time = new FakeTimeProvider();
        using var host = new RsyncHost();
        var action = host.Action;
        var context = TestRun.For(
            TestRun.Rsync(RsyncMode.Copy, "/usr", "/var", r => r.Source.RequiredMount = ByteString.CopyFromUtf8("/hung")),
            tools: new NeverReturns()
        ) with
        {
            Time = time,
        };
        var first = action.RunAsync(context, CancellationToken.None);
        await time.WaitForTimersAsync();
        time.Advance(PathProbe.Timeout + TimeSpan.FromMinutes(1));
        await first;

        // Each run has a tool runner of its own.
        var later = new NeverReturns();
        var second = await action.RunAsync(context with { Tools = later }, CancellationToken.None);

        Assert.Contains("earlier request", second.Message, StringComparison.Ordinal);
        Assert.Equal(0, later.Calls);
    }

    [Fact]
    public async Task SamePath_AskedTwiceAtOnce_IsAnsweredTwice()
    {
        var probe = new PathProbe(TestRun.Tools, TimeProvider.System, new());

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 8).Select(_ => probe.RealPathAsync("/usr"u8.ToArray(), CancellationToken.None)));

        Assert.All(answers, a => Assert.Equal("/usr"u8.ToArray(), a.Value));
    }

    [Fact]
    public async Task RealPath_OddName_ComesBackAsBytes()
    {
        using var tree = new ScratchTree();
        tree.Shell("""mkdir -- $'a\nb\xff\r'; ln -s $'a\nb\xff\r' link""");

        var real = await new PathProbe(TestRun.Tools, TimeProvider.System, new()).RealPathAsync(
            Encoding.UTF8.GetBytes(tree.At("link/missing")), CancellationToken.None);

        Assert.Equal(Encoding.Latin1.GetBytes(tree.At("a\nb\xff\r/missing")), real.Value);
    }

    [Fact]
    public async Task CountEntries_ManyEntries_StopsWhenThereAreEnough()
    {
        using var tree = new ScratchTree();
        tree.Shell("mkdir d; cd d; touch {1..5000}");
        using var folder = GuardedPath.OfThisHost(Encoding.UTF8.GetBytes(tree.At("d")));

        var counted = await new PathProbe(TestRun.Tools, TimeProvider.System, new()).CountEntriesAsync(folder, 3, CancellationToken.None);

        Assert.Null(counted.Problem);
        Assert.True(counted.Value >= 3);
    }

    private sealed class NeverReturns : IToolRunner
    {
        public int Calls { get; private set; }

        public string? Find(string tool) => tool;

        public Task<ToolResult> RunAsync(ToolRequest request, IToolOutput output, CancellationToken cancellationToken)
        {
            Calls++;
            return new TaskCompletionSource<ToolResult>().Task;
        }
    }
}
