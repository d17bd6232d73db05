using Fleet.Actions;
using Fleet.Agent.Actions;
using Fleet.Agent.Actions.Lvm;
using Fleet.Agent.Actions.Rsync.Ownership;
using Fleet.Agent.Edge;
using Fleet.Agent.Guard;
using Fleet.Agent.Host;
using Fleet.Agent.Lvm;
using Fleet.Agent.Tools;
using Fleet.Agent.Zfs.Listing;
using Fleet.Protocol.V1;
using Fleet.Testing.Samples;

namespace Fleet.Agent.Tests.Actions;

/// <summary>The same questions to each action, so that a new one is asked them, too.</summary>
public sealed class EveryActionTests : IDisposable
{
    private readonly TemporaryFolder _state = new();
    private readonly PruneHost _host = new();
    private readonly LvmMounts _mounts;
    private readonly IReadOnlyList<IAction> _actions;

    public EveryActionTests()
    {
        _mounts = new LvmMounts(_state.File("mounts"), static () => MountTable.Read());
        _actions = ActionList.Create(
            _host.RetentionClock,
            static () => HostAssignment.None,
            new ZfsSnapshotCache(),
            _mounts,
            new LvmMergeRecords(_state.File("merges")),
            new VersionFolders(_state.File("versions")));
    }

    public static TheoryData<string> Names => [.. ActionKinds.All.Select(static kind => kind.Name)];

    public void Dispose()
    {
        _mounts.Dispose();
        _host.Dispose();
        _state.Dispose();
    }

    [Fact]
    public void List_HasEveryKindByItsName() =>
        Assert.Equal(
            ActionKinds.All.Select(static kind => (kind.Case, kind.WireName)).Order(),
            _actions.Select(static action => (action.Kind, action.Name)).Order());

    [Fact]
    public void GuardFile_NamesActionsThatThereAre()
    {
        var rules = new GuardRules
        {
            Zfs = [new StorageRule("tank", [.. StorageRule.ZfsVerbs], 1, TimeSpan.Zero, "test")],
            Lvm = [new StorageRule("vg", [.. StorageRule.LvmVerbs], 1, TimeSpan.Zero, "test")],
        };

        Assert.NotEmpty(rules.AllowedActions);
        Assert.Subset(ActionKinds.All.Select(static kind => kind.WireName).ToHashSet(), rules.AllowedActions.ToHashSet());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Guard_WithoutARule_Refuses(string name)
    {
        var path = _state.File("guard.yaml");
        File.WriteAllText(path, "lvm:\n  - volume: other/volume\n    allow: [snapshot]\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        using var decision = new FileGuard(() => path).Check(new MessageSamples(depth: 3).One<Protocol.V1.Action>(name));

        Assert.False(decision.Allowed);
        Assert.Contains("default deny", decision.Rule, StringComparison.Ordinal);
        Assert.NotEmpty(decision.Message);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Run_CancelledBefore_StartsNothing(string name)
    {
        var tools = new CountingTools();
        var action = new MessageSamples(depth: 3).One<Protocol.V1.Action>(name);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();

        var run = _actions.Single(a => a.Kind == action.KindCase).RunAsync(TestRun.For(action, tools: tools), cancelled.Token);

        await ((Task)run)
            .WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, CancellationToken.None)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        Assert.True(run.IsCompleted);
        Assert.True(run.IsCanceled || (await run).Outcome != ActionOutcome.Succeeded || name == "clock_accept");
        Assert.Equal(0, tools.Started);
    }

    private sealed class CountingTools : IToolRunner
    {
        public int Started { get; private set; }

        public string? Find(string tool) => TestRun.Tools.Find(tool);

        public Task<ToolResult> RunAsync(ToolRequest request, IToolOutput output, CancellationToken cancellationToken)
        {
            Started += cancellationToken.IsCancellationRequested ? 0 : 1;
            return Task.FromResult(new ToolResult { Name = request.Program, End = ToolEnd.Cancelled });
        }
    }
}
