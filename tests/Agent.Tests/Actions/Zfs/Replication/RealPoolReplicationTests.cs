using Fleet.Agent.Actions.Zfs.Replication;
using Fleet.Agent.Guard;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Agent.Tests.Actions.Zfs.Replication;

/// <summary>Replication between two real pools: what arrives, what breaks off, and what must not be touched.</summary>
public sealed class RealPoolReplicationTests : IDisposable
{
    private readonly RealPool _source = new();
    private readonly RealPool _backup = new();
    private readonly ZfsReplicateRun _action = new();
    private int _hour;

    public RealPoolReplicationTests() =>
        RealPool.Shell($"zfs create {Data} && zfs create '{Data}/a b' && zfs create -s -V 16M {Data}/vol && zfs create {_backup.Name}/nas");

    private string Data => $"{_source.Name}/data";

    private string Copy => $"{_backup.Name}/nas/data";

    public void Dispose()
    {
        _source.Dispose();
        _backup.Dispose();
    }

    [Fact]
    public async Task Replicate_FullThenIncrements_CopiesAreEqualAndProtected()
    {
        Write("file", 200_000);
        var first = Snapshot();
        var full = await RunAsync();
        Write("file", 100_000);
        Write("a b/other", 50_000);
        Snapshot();
        Write("file", 70_000);
        var last = Snapshot();

        var increments = await RunAsync();
        var nothing = await RunAsync();

        Assert.Equal((ActionOutcome.Succeeded, 3L, 3L), (full.Outcome, full.ZfsReplicate.SnapshotsSent, full.ZfsReplicate.CurrentTotal));
        Assert.Equal(
            (ActionOutcome.Succeeded, 6L, 3L),
            (increments.Outcome, increments.ZfsReplicate.SnapshotsSent, increments.ZfsReplicate.CurrentTotal));
        Assert.True(increments.ZfsReplicate.SentBytes > 200_000);
        Assert.Equal(
            (ActionOutcome.Succeeded, 0L, 0L),
            (nothing.Outcome, nothing.ZfsReplicate.SnapshotsSent, nothing.ZfsReplicate.SentBytes));
        Assert.Equal(
            "readonly on\ncanmount noauto\nmounted no",
            RealPool.Shell($"zfs get -H -o property,value readonly,canmount,mounted {Copy} | tr '\\t' ' '"));
        AssertEqual(last);
        Assert.Equal(
            RealPool.Shell($"zfs get -H -o value fleet:policy,fleet:run,fleet:host {Data}@{first}"),
            RealPool.Shell($"zfs get -H -o value fleet:policy,fleet:run,fleet:host {Copy}@{first}"));

        // Of both sides only the newest is held, and has a bookmark.
        Assert.Equal($"{Data}@{last} fleet:to:nightly", Holds(Data));
        Assert.Equal($"{Copy}@{last} fleet:from:nightly", Holds(Copy));
        Assert.Single(RealPool.Shell($"zfs list -H -t bookmark -o name -d 1 {Data}").Split('\n'));
    }

    [Fact]
    public async Task Replicate_CommonSnapshotIsGone_GoesOnFromTheBookmark()
    {
        Write("file", 100_000);
        var first = Snapshot();
        await RunAsync();
        Write("file", 100_000);
        var last = Snapshot();
        RealPool.Shell($"zfs release -r fleet:to:nightly {Data}@{first} && zfs destroy -r {Data}@{first}");

        var result = await RunAsync();

        Assert.Equal((ActionOutcome.Succeeded, 3L), (result.Outcome, result.ZfsReplicate.CurrentTotal));
        AssertEqual(last);
    }

    [Fact]
    public async Task Replicate_SnapshotsOfOthers_StayAtHome()
    {
        Snapshot();
        await RunAsync();
        Write("file", 100_000);
        RealPool.Shell($"zfs snapshot {Data}@by-hand");
        Snapshot();
        var last = Snapshot();

        await RunAsync();

        Assert.Equal(3, RealPool.Shell($"zfs list -H -t snapshot -o name -d 1 {Copy}").Split('\n').Length);
        AssertEqual(last);
    }

    [Fact]
    public async Task Replicate_TargetHasASnapshotOfItsOwn_IsReportedAndNothingGoes()
    {
        var first = Snapshot();
        await RunAsync();
        RealPool.Shell($"zfs snapshot {Copy}@own");
        Snapshot();

        var result = await RunAsync();

        var replica = result.ZfsReplicate.Replicas.Single(r => r.Source == Data);
        Assert.Equal((ActionOutcome.Failed, false, ZfsReplicaState.Diverged), (result.Outcome, result.Retryable, replica.State));
        Assert.Contains($"{Copy}@own", replica.Problem, StringComparison.Ordinal);
        Assert.Contains($"{Data}@{first}", replica.Problem, StringComparison.Ordinal);
        Assert.Equal(2, result.ZfsReplicate.CurrentTotal);
        Assert.Equal($"{Copy}@{first}\n{Copy}@own", RealPool.Shell($"zfs list -H -t snapshot -s createtxg -o name -d 1 {Copy}"));
    }

    [Fact]
    public async Task Replicate_TargetWasWrittenTo_IsReportedAndNothingGoes()
    {
        Write("file", 1_000);
        Snapshot();
        await RunAsync();
        RealPool.Shell(
            $"zfs set readonly=off {Copy} && zfs mount {Copy} && echo own > {_backup.MountPoint}/nas/data/own && zpool sync {_backup.Name}");
        Write("file", 1_000);
        Snapshot();

        var result = await RunAsync();

        Assert.Equal(
            (ActionOutcome.Failed, ZfsReplicaState.Diverged),
            (result.Outcome, result.ZfsReplicate.Replicas.Single(r => r.Source == Data).State));
        Assert.Equal("own", RealPool.Shell($"cat {_backup.MountPoint}/nas/data/own"));
    }

    [Fact]
    public async Task Replicate_TargetIsSomethingElse_IsReportedAndStays()
    {
        RealPool.Shell($"zfs create {Copy} && echo own > {_backup.MountPoint}/nas/data/own");
        Snapshot();

        var result = await RunAsync(a => a.Recursive = false);

        Assert.Equal((ActionOutcome.Failed, ZfsReplicaState.Diverged), (result.Outcome, result.ZfsReplicate.Replicas.Single().State));
        Assert.Equal("own", RealPool.Shell($"cat {_backup.MountPoint}/nas/data/own"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Replicate_BrokenOff_IsResumed(bool incremental)
    {
        if (incremental)
        {
            Snapshot();
            await RunAsync(a => a.Recursive = false);
        }

        Write("file", 60_000_000);
        var last = Snapshot();
        await BreakOffAsync();

        var result = await RunAsync(a => a.Recursive = false);

        Assert.Equal((ActionOutcome.Succeeded, 1L), (result.Outcome, result.ZfsReplicate.Resumed));
        Assert.True(result.ZfsReplicate.SentBytes < 60_000_000, $"{result.ZfsReplicate.SentBytes} bytes: it began anew");
        AssertEqual(last, volume: false, children: false);
        Assert.Equal(
            "readonly on\ncanmount noauto",
            RealPool.Shell($"zfs get -H -o property,value readonly,canmount {Copy} | tr '\\t' ' '"));
        Assert.Equal($"{Copy}@{last} fleet:from:nightly", Holds(Copy));
        Assert.Equal("nightly", RealPool.Shell($"zfs get -H -o value fleet:policy {Copy}@{last}"));
    }

    [Fact]
    public async Task Replicate_SnapshotOfTheTokenIsGone_BeginsAnew()
    {
        Write("file", 60_000_000);
        var first = Snapshot();
        await BreakOffAsync();
        RealPool.Shell($"zfs release fleet:to:nightly {Data}@{first} && zfs destroy {Data}@{first}");
        var last = Snapshot();

        var result = await RunAsync(a => a.Recursive = false);

        Assert.Equal((ActionOutcome.SucceededWithWarnings, 0L), (result.Outcome, result.ZfsReplicate.Resumed));
        Assert.Contains("was dropped", Assert.Single(result.Details), StringComparison.Ordinal);
        AssertEqual(last, volume: false, children: false);
    }

    [Fact]
    public async Task Replicate_Encrypted_IsSentRawWithoutItsKey()
    {
        RealPool.Shell($"echo 'a passphrase' | zfs create -o encryption=on -o keyformat=passphrase {Data}/secret");
        Write("secret/file", 100_000);
        var last = Snapshot();
        var sum = RealPool.Shell($"sha256sum < {_source.MountPoint}/data/secret/file");
        RealPool.Shell($"zfs unmount {Data}/secret && zfs unload-key {Data}/secret");
        var full = await RunAsync();
        var later = Snapshot();

        var increment = await RunAsync();

        Assert.Equal((ActionOutcome.Succeeded, ActionOutcome.Succeeded), (full.Outcome, increment.Outcome));
        Assert.Equal("unavailable", RealPool.Shell($"zfs get -H -o value keystatus {Copy}/secret"));
        RealPool.Shell($"echo 'a passphrase' | zfs load-key {Copy}/secret && zfs mount {Copy}/secret");
        Assert.Equal(sum, RealPool.Shell($"sha256sum < {_backup.MountPoint}/nas/data/secret/.zfs/snapshot/{last}/file"));
        Assert.Equal(sum, RealPool.Shell($"sha256sum < {_backup.MountPoint}/nas/data/secret/.zfs/snapshot/{later}/file"));
    }

    [Fact]
    public async Task Replicate_TargetIsAway_ProtectsTheBaseAndSaysSinceWhen()
    {
        var first = Snapshot();
        await RunAsync();
        Write("file", 2_000_000);
        Snapshot();
        RealPool.Shell($"zpool export {_backup.Name}");
        try
        {
            var failed = await RunAsync();
            var skipped = await RunAsync(a => a.MayBeAway = true);
            var released = await RunAsync(a => (a.MayBeAway, a.ReleaseBaseAfter) = (true, Duration.FromTimeSpan(TimeSpan.FromTicks(1))));

            Assert.Equal((ActionOutcome.Failed, true), (failed.Outcome, failed.Retryable));
            Assert.Contains("behind since 20", failed.Message, StringComparison.Ordinal);
            Assert.All(failed.ZfsReplicate.Replicas, r => Assert.Equal((ZfsReplicaState.Away, $"{r.Source}@{first}"), (r.State, r.Common)));
            Assert.Equal(ActionOutcome.Skipped, skipped.Outcome);
            Assert.Equal((ActionOutcome.Failed, false), (released.Outcome, released.Retryable));
            Assert.Equal("", Holds(Data));
            RealPool.Shell($"zfs destroy -r {Data}@{first}");
        }
        finally
        {
            RealPool.Shell($"zpool import -d '{Path.GetDirectoryName(_backup.MountPoint)}' {_backup.Name}");
        }

        var back = await RunAsync();

        Assert.Equal((ActionOutcome.Succeeded, 3L), (back.Outcome, back.ZfsReplicate.CurrentTotal));
    }

    [Fact]
    public async Task Prune_TheBaseOfAReplica_Stays()
    {
        var first = Snapshot();
        await RunAsync();
        for (var i = 0; i < 4; i++)
        {
            Snapshot();
        }

        using var host = new PruneFixture();
        host.Rules[0] = new StorageRule(_source.Name, ["prune"], 1, TimeSpan.Zero, "test");
        host.Clock.Advance(TimeProvider.System.GetUtcNow().AddMinutes(1) - TestRun.Instant);
        var result = await host.RunAsync(TestRun.Tools, a =>
        {
            a.Datasets.Clear();
            a.Datasets.Add(Data);
        });

        Assert.True(result.ZfsPrune.DestroyedTotal > 0, result.Message);
        Assert.Contains($"{Data}@{first}", RealPool.Shell($"zfs list -H -t snapshot -o name -d 1 {Data}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replicate_DryRun_ChangesNothing()
    {
        Write("file", 100_000);
        Snapshot();

        var result = await RunAsync(a => a.DryRun = true);

        Assert.Equal(ActionOutcome.Succeeded, result.Outcome);
        Assert.Contains("3 snapshot(s) would be sent", result.Message, StringComparison.Ordinal);
        Assert.Equal("", Holds(Data));
        Assert.Equal($"{_backup.Name}/nas", RealPool.Shell($"zfs list -H -o name -r {_backup.Name}/nas"));
    }

    [Fact]
    public async Task Replicate_ADatasetThatTheGuardForbids_StopsAll()
    {
        Snapshot();

        var result = await RunAsync(rules: [.. Rules(), new StorageRule($"{Data}/a b", ["snapshot"], 1, TimeSpan.Zero, "the nearer rule")]);

        Assert.Equal((ActionOutcome.Refused, "the nearer rule"), (result.Outcome, result.RefusedBy));
        Assert.Equal($"{_backup.Name}/nas", RealPool.Shell($"zfs list -H -o name -r {_backup.Name}/nas"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Replicate_OverSsh_PushesAndPulls(bool pull)
    {
        RealPool.Shell("""
            [ -e ~/.ssh/id_ed25519 ] || { mkdir -p -m 700 ~/.ssh; ssh-keygen -q -t ed25519 -N '' -f ~/.ssh/id_ed25519; cat ~/.ssh/id_ed25519.pub >> ~/.ssh/authorized_keys; }
            ssh-keyscan -T 60 localhost >> ~/.ssh/known_hosts 2>/dev/null
            """);
        Write("file", 200_000);
        Snapshot();
        void Remote(ZfsReplicateAction a)
        {
            var there = new SshRemote { Host = "localhost", IdentityFile = "/root/.ssh/id_ed25519" };
            if (pull)
            {
                a.SourceHost = there;
            }
            else
            {
                a.TargetHost = there;
            }
        }

        var full = await RunAsync(Remote);
        Write("a b/other", 50_000);
        var last = Snapshot();
        var increment = await RunAsync(Remote);

        Assert.Equal((ActionOutcome.Succeeded, ActionOutcome.Succeeded), (full.Outcome, increment.Outcome));
        AssertEqual(last);
    }

    [Fact]
    public async Task Replicate_HostThatNobodyAnswers_IsAway()
    {
        Snapshot();

        var result = await RunAsync(a => a.TargetHost = new SshRemote { Host = "localhost", Port = 9 });

        Assert.Equal((ActionOutcome.Failed, true), (result.Outcome, result.Retryable));
        Assert.Contains("localhost cannot be reached", result.Message, StringComparison.Ordinal);
    }

    private async Task BreakOffAsync()
    {
        using var cancel = new CancellationTokenSource();
        var log = new RecordingLog
        {
            OnProgress = p =>
            {
                if (p.BytesDone > 20_000_000)
                {
                    cancel.Cancel();
                }
            },
        };
        var result = await RunAsync(
            a => (a.Recursive, a.BandwidthLimitBytesPerSecond) = (false, 8_000_000), log: log, cancellationToken: cancel.Token);
        Assert.Equal(ActionOutcome.Cancelled, result.Outcome);
        Assert.NotEqual("-", RealPool.Shell($"zfs get -H -o value receive_resume_token {Copy}"));
    }

    private void Write(string file, int bytes) => RealPool.Shell($"head -c {bytes} /dev/urandom > '{_source.MountPoint}/data/{file}'");

    /// <summary>As zfs.snapshot makes them.</summary>
    private string Snapshot()
    {
        var name = $"fleet_nightly_20261120T{_hour++:00}0000Z";
        RealPool.Shell(
            $"zfs snapshot -r -o fleet:policy=nightly -o fleet:run=1846a328cf9540b68137b0507d35680c -o fleet:host=here {Data}@{name}");
        return name;
    }

    private static string Holds(string dataset) =>
        RealPool.Shell($"zfs list -H -t snapshot -o name -d 1 {dataset} | xargs -d '\\n' -r zfs holds -H | cut -f 1,2 | tr '\\t' ' '");

    /// <summary>By content, not by what zfs says.</summary>
    private void AssertEqual(string snapshot, bool volume = true, bool children = true)
    {
        RealPool.Shell($"zfs get -H -o value mounted {Copy} | grep -q yes || zfs mount {Copy}; zfs get -H -o value mounted '{Copy}/a b' 2>/dev/null | grep -q no && zfs mount '{Copy}/a b'; true");
        foreach (var part in children ? ["", "a b/"] : new[] { "" })
        {
            Assert.Equal(Sums($"{_source.MountPoint}/data/{part}"), Sums($"{_backup.MountPoint}/nas/data/{part}"));
        }

        if (volume)
        {
            Assert.Equal(
                RealPool.Shell($"zfs get -H -o value guid {Data}/vol@{snapshot}"),
                RealPool.Shell($"zfs get -H -o value guid {Copy}/vol@{snapshot}"));
        }

        string Sums(string folder) =>
            RealPool.Shell($"cd '{folder}.zfs/snapshot/{snapshot}' && find . -type f -print0 | sort -z | xargs -0 -r sha256sum");
    }

    private List<StorageRule> Rules() =>
    [
        new StorageRule(_source.Name, ["send"], 1, TimeSpan.Zero, "source"),
        new StorageRule($"{_backup.Name}/nas", ["receive"], 1, TimeSpan.Zero, "target"),
    ];

    private Task<ActionResult> RunAsync(
        Action<ZfsReplicateAction>? change = null,
        IReadOnlyList<StorageRule>? rules = null,
        RecordingLog? log = null,
        CancellationToken cancellationToken = default)
    {
        var action = new ZfsReplicateAction { Source = Data, Target = Copy, Recursive = true, SnapshotsOf = "nightly" };
        change?.Invoke(action);
        var context = TestRun.For(new Protocol.V1.Action { ZfsReplicate = action }, log: log, timeout: TimeSpan.FromMinutes(5)) with
        {
            Guard = new GuardDecision
            {
                Allowed = true,
                Rule = "test",
                Message = "",
                Storage = new StorageRules("guard.yaml", "zfs", rules ?? Rules()),
            },
        };
        return _action.RunAsync(context, cancellationToken);
    }
}
