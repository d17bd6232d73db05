using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Rsync;

/// <summary>Owner, count and question on another machine: a real rsync daemon, and a real sshd whose key is confined by rrsync.</summary>
public sealed class RemoteOwnerTests : IDisposable
{
    private readonly ScratchTree _tree = new();
    private readonly RsyncHost _host = new();
    private readonly RemoteServers _servers;

    public RemoteOwnerTests()
    {
        _servers = new RemoteServers(_tree);
        _tree.Shell("mkdir mod src other; echo 1 > src/a; echo 2 > other/b");
    }

    public void Dispose()
    {
        _servers.Dispose();
        _host.Dispose();
        _tree.Dispose();
    }

    [Theory]
    [InlineData(RsyncMode.Copy, false)]
    [InlineData(RsyncMode.Mirror, false)]
    [InlineData(RsyncMode.Mirror, true)]
    public async Task AnotherHostsDestination_AsksAndIsAdopted(RsyncMode mode, bool ssh)
    {
        Start(ssh);
        var first = await RunAsync(mode, "src", ssh, policy: "theirs");

        var asked = await RunAsync(mode, "other", ssh);
        var listed = _tree.Shell("ls mod/up");
        var adopted = await RunAsync(mode, "other", ssh, r => r.Confirmation = asked.RsyncPlan.Confirmation);
        var next = await RunAsync(mode, "other", ssh);

        Assert.True(first.Outcome == ActionOutcome.Succeeded, first.ToString());
        Assert.Empty(first.Details);
        Assert.True(asked.Outcome == ActionOutcome.Failed, asked.ToString());
        Assert.Contains("belongs to policy theirs of host test", asked.Message, StringComparison.Ordinal);
        Assert.Equal("a\n", listed);
        Assert.True(adopted.Outcome == ActionOutcome.Succeeded, adopted.ToString());
        Assert.True(next.Outcome == ActionOutcome.Succeeded, next.ToString());
        Assert.Equal(mode == RsyncMode.Mirror ? "b\n" : "a\nb\n", _tree.Shell("ls mod/up"));
    }

    [Fact]
    public async Task FirstMirror_ForeignContent_AsksAndDeletesNothing()
    {
        Start(ssh: false);
        _tree.Shell("mkdir -p mod/up/photos mod/up/lost+found; echo precious > mod/up/photos/1");

        var result = await RunAsync(RsyncMode.Mirror, "src", ssh: false);

        Assert.Equal((ActionOutcome.Failed, 2), (result.Outcome, result.RsyncPlan.WouldDelete));
        Assert.Equal("precious\n", _tree.Read("mod/up/photos/1"));
        Assert.False(File.Exists(_tree.At("mod/up/a")));
    }

    [Fact]
    public async Task MoreDeletionsThanAllowed_ChangesNothingThere()
    {
        Start(ssh: false);
        _tree.Shell("touch src/{1..9}");
        await RunAsync(RsyncMode.Mirror, "src", ssh: false);
        _tree.Shell("rm src/{1..9}; echo new > src/new");

        var result = await RunAsync(RsyncMode.Mirror, "src", ssh: false, r => r.MaxDelete = 2);

        Assert.Equal((ActionOutcome.Failed, 9), (result.Outcome, result.RsyncPlan.WouldDelete));
        Assert.Equal("1\n2\n3\n4\n5\n6\n7\n8\n9\na\n", _tree.Shell("ls mod/up"));
    }

    [Fact]
    public async Task WriteOnlyModule_GoesOnAndSaysThatNobodyLooked()
    {
        _servers.StartDaemon("write only = yes");

        var result = await RunAsync(RsyncMode.Copy, "src", ssh: false);

        Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
        Assert.Contains(result.Details, d =>
            d.StartsWith("it could not be checked whether the destination belongs to another policy", StringComparison.Ordinal));
        Assert.Equal("a\n", _tree.Shell("ls mod/up"));
    }

    [Theory]
    [InlineData("/usr/bin/rrsync", RsyncMode.Copy)]
    [InlineData("/usr/bin/rrsync", RsyncMode.Mirror)]
    [InlineData("/usr/bin/rrsync -wo", RsyncMode.Copy)]
    public async Task Push_KeyConfinedByRrsync_Arrives(string command, RsyncMode mode)
    {
        _servers.StartSsh($"restrict,command=\"{command} {_tree.At("mod")}\" ");

        for (var run = 0; run < 2; run++)
        {
            // rrsync takes paths relative to its folder, and absolute ones as such.
            var result = await RunAsync(mode, "src", ssh: true, r => r.Destination.Path = Google.Protobuf.ByteString.CopyFromUtf8("/up"));
            Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
        }

        _tree.AssertEqual("src", "mod/up");
        Assert.Equal(command.EndsWith("-wo", StringComparison.Ordinal), !File.Exists(_tree.At("mod/up/.fleet-owner.json")));
    }

    [Theory]
    [InlineData(RsyncMode.Mirror)]
    [InlineData(RsyncMode.Versions)]
    public async Task Pull_KeyConfinedByReadOnlyRrsync_Arrives(RsyncMode mode)
    {
        _tree.Shell("mkdir mod/data; echo x > mod/data/x");
        _servers.StartSsh($"restrict,command=\"/usr/bin/rrsync -ro {_tree.At("mod")}\" ");
        var source = _servers.Ssh("");
        source.Path = Google.Protobuf.ByteString.CopyFromUtf8("/data");
        var action = new Protocol.V1.Action
        {
            Rsync = new RsyncAction
            {
                Mode = mode,
                Source = source,
                Destination = TestRun.Local(_tree.At("dst")),
            },
        };

        var result = await _host.Action.RunAsync(TestRun.For(action, tools: _servers.Tools), CancellationToken.None);

        Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
        Assert.Equal("x\n", _tree.Shell("cat dst/x dst/*/x 2> /dev/null || true"));
    }

    [Fact]
    public async Task RemoteSource_LostAndFoundAlone_IsEmpty()
    {
        _tree.Shell("mkdir -p mod/disk/lost+found");
        Start(ssh: false);
        var action = new Protocol.V1.Action
        {
            Rsync = new RsyncAction
            {
                Mode = RsyncMode.Mirror,
                Source = _servers.Daemon("/disk"),
                Destination = TestRun.Local(_tree.At("dst")),
            },
        };

        var result = await _host.Action.RunAsync(TestRun.For(action), CancellationToken.None);

        Assert.Equal(ActionOutcome.Refused, result.Outcome);
        Assert.Contains("holds 0 entries", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RsyncPath_Ssh_StartsThat()
    {
        Start(ssh: true);
        _tree.Shell("printf '#!/bin/sh\\ntouch %s/was-there\\nexec rsync \"$@\"\\n' $PWD > wrapper; chmod +x wrapper");

        var result = await RunAsync(RsyncMode.Copy, "src", ssh: true, r => r.RsyncPath = $"env {_tree.At("wrapper")}");

        Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
        Assert.True(File.Exists(_tree.At("was-there")));
    }

    private void Start(bool ssh)
    {
        if (ssh)
        {
            _servers.StartSsh();
        }
        else
        {
            _servers.StartDaemon();
        }
    }

    private Task<ActionResult> RunAsync(
        RsyncMode mode, string source, bool ssh, Action<RsyncAction>? change = null, string policy = "nightly")
    {
        var rsync = new RsyncAction
        {
            Mode = mode,
            Source = TestRun.Local(_tree.At(source)),
            Destination = ssh ? _servers.Ssh("mod/up") : _servers.Daemon("/up"),
        };
        change?.Invoke(rsync);
        IToolRunner tools = ssh ? _servers.Tools : TestRun.Tools;
        return _host.Action.RunAsync(
            TestRun.For(new Protocol.V1.Action { Rsync = rsync }, tools: tools, policy: policy), CancellationToken.None);
    }
}
