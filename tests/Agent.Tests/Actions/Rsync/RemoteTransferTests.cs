using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Rsync;

/// <summary>A real rsync daemon and a real sshd on loopback.</summary>
public sealed class RemoteTransferTests : IDisposable
{
    private readonly ScratchTree _tree = new();
    private readonly RsyncHost _host = new();
    private readonly RemoteServers _servers;

    public RemoteTransferTests() => _servers = new RemoteServers(_tree);

    public void Dispose()
    {
        _servers.Dispose();
        _host.Dispose();
        _tree.Dispose();
    }

    [Fact]
    public async Task Daemon_SourceNameWithWildcard_IsTakenLiterally()
    {
        _tree.Shell("mkdir -p 'mod/a[1]' mod/a1; echo right > 'mod/a[1]/file'; echo wrong > mod/a1/file");
        _servers.StartDaemon();

        var result = await RunAsync(RsyncMode.Mirror, _servers.Daemon("/a[1]"), TestRun.Local(_tree.At("dst")));

        Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
        Assert.Equal("right\n", _tree.Read("dst/file"));
    }

    [Fact]
    public async Task Daemon_PushWithPasswordFile_Arrives()
    {
        _tree.Shell(
            "mkdir -p mod src; printf 'x' > $'src/new\\nline'; echo me:hidden > secrets; echo hidden > password; chmod 600 secrets password");
        _servers.StartDaemon($"auth users = me\nsecrets file = {_tree.At("secrets")}");

        var good = await RunAsync(RsyncMode.Mirror, TestRun.Local(_tree.At("src")), _servers.Daemon("/up", "password"));
        _tree.Shell("echo wrong > password");
        var bad = await RunAsync(RsyncMode.Mirror, TestRun.Local(_tree.At("src")), _servers.Daemon("/up", "password"));

        Assert.True(good.Outcome == ActionOutcome.Succeeded, good.ToString());
        _tree.AssertEqual("src", "mod/up");
        Assert.Equal((ActionOutcome.Failed, 5, false), (bad.Outcome, bad.ExitCode, bad.Retryable));
        Assert.Contains("password file", bad.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Daemon_EmptySource_IsRefused()
    {
        _tree.Shell("mkdir -p mod/empty dst; echo precious > dst/file");
        _servers.StartDaemon();

        var result = await RunAsync(RsyncMode.Mirror, _servers.Daemon("/empty"), TestRun.Local(_tree.At("dst")));

        Assert.Equal(ActionOutcome.Refused, result.Outcome);
        Assert.Equal("precious\n", _tree.Read("dst/file"));
    }

    [Fact]
    public async Task Daemon_MissingSource_IsRefused()
    {
        _tree.Shell("mkdir -p mod dst");
        _servers.StartDaemon();

        var result = await RunAsync(RsyncMode.Mirror, _servers.Daemon("/nosuch"), TestRun.Local(_tree.At("dst")));

        Assert.True(result.Outcome == ActionOutcome.Refused, result.ToString());
    }

    [Fact]
    public async Task Daemon_ClosedPort_IsWorthARetry()
    {
        _tree.Shell("mkdir -p dst");

        var result = await RunAsync(RsyncMode.Copy, _servers.Daemon("/a"), TestRun.Local(_tree.At("dst")));

        Assert.Equal((ActionOutcome.Failed, 10, true), (result.Outcome, result.ExitCode, result.Retryable));
    }

    [Fact]
    public async Task Daemon_KilledInTheMiddle_IsWorthARetry()
    {
        _tree.Shell("mkdir -p mod/a; head -c 20000000 /dev/zero > mod/a/big");
        _servers.StartDaemon();
        var log = new RecordingLog { OnProgress = p => Kill(p.BytesDone > 0) };
        var action = new Protocol.V1.Action
        {
            Rsync = new RsyncAction
            {
                Mode = RsyncMode.Copy,
                Source = _servers.Daemon("/a"),
                Destination = TestRun.Local(_tree.At("dst")),
                BandwidthLimitBytesPerSecond = 500_000,
            },
        };

        var result = await _host.Action.RunAsync(TestRun.For(action, log), CancellationToken.None);

        Assert.Equal((ActionOutcome.Failed, true), (result.Outcome, result.Retryable));
        Assert.Contains(result.ExitCode, new[] { 10, 12 });

        void Kill(bool now)
        {
            if (now)
            {
                _servers.Kill();
            }
        }
    }

    [Fact]
    public async Task Ssh_KnownHost_TransfersBothWays()
    {
        _tree.Shell("mkdir -p 'far/a b[1]' far/'a b1' src; printf x > $'far/a b[1]/new\\nline'; echo y > src/file");
        _servers.StartSsh();
        var tools = _servers.Tools;

        var pull = await RunAsync(RsyncMode.Mirror, _servers.Ssh("far/a b[1]"), TestRun.Local(_tree.At("dst")), tools);
        var push = await RunAsync(RsyncMode.Mirror, TestRun.Local(_tree.At("src")), _servers.Ssh("far/up $(id) x"), tools);

        Assert.True(pull.Outcome == ActionOutcome.Succeeded, pull.ToString());
        _tree.AssertEqual("far/a b[1]", "dst");
        Assert.True(push.Outcome == ActionOutcome.Succeeded, push.ToString());
        _tree.AssertEqual("src", "far/up $(id) x");
    }

    [Fact]
    public async Task Ssh_UnknownHost_FailsAndSaysWhatToDo()
    {
        _tree.Shell("mkdir far dst; touch far/x");
        _servers.StartSsh();

        var result = await RunAsync(RsyncMode.Copy, _servers.Ssh("far"), TestRun.Local(_tree.At("dst")));

        Assert.Equal((ActionOutcome.Failed, false), (result.Outcome, result.Retryable));
        Assert.Contains("known_hosts", result.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("echo hi there", "prints text where only the tool's output may appear: \"hi there\"")]
    [InlineData("exit 3", "does not run commands for this host: asked to run true, it ended with exit code 3 and said nothing")]
    [InlineData("echo not available; exit 1", "asked to run true, it ended with exit code 1 and said \"not available\"")]
    [InlineData("echo no --delete here >&2; exit 1", "it said: \"no --delete here\"")]
    public async Task Ssh_CommandOfTheKey_IsShownAndNotRetried(string command, string says)
    {
        _tree.Shell("mkdir far dst; touch far/x");
        _servers.StartSsh();
        _tree.Shell($"printf 'command=\"%s\" %s\\n' '{command}' \"$(cat client.pub)\" > authorized");

        var result = await RunAsync(RsyncMode.Copy, _servers.Ssh("far"), TestRun.Local(_tree.At("dst")), _servers.Tools);

        Assert.Equal((ActionOutcome.Failed, false), (result.Outcome, result.Retryable));
        Assert.Contains(says, result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ssh_MirrorFromShellThatPrints_ShowsWhatItPrints()
    {
        _tree.Shell("mkdir far dst; touch far/x");
        _servers.StartSsh();
        _tree.Shell("printf 'command=\"echo hi there\" %s\\n' \"$(cat client.pub)\" > authorized");

        var result = await RunAsync(RsyncMode.Mirror, _servers.Ssh("far"), TestRun.Local(_tree.At("dst")), _servers.Tools);

        Assert.Equal((ActionOutcome.Failed, false), (result.Outcome, result.Retryable));
        Assert.Contains("\"hi there\"", result.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chmod 644 client", "because others may read it (mode 0644): chmod 600")]
    [InlineData("rm client", "cannot be read (No such file or directory)")]
    [InlineData("ssh-keygen -q -p -N secret -f client", "protected by a passphrase")]
    [InlineData(": > authorized", "was denied access with the key")]
    [InlineData(
        "ssh-keygen -q -t ed25519 -N '' -f other; sed -i \"s|ssh-ed25519 .*|$(cut -d' ' -f1,2 other.pub)|\" known_hosts",
        "this may be an attack"
    )]
    public async Task Ssh_KeyThatDoesNotDo_SaysWhy(string change, string says)
    {
        _tree.Shell("mkdir far dst; touch far/x");
        _servers.StartSsh();
        _tree.Shell(change);

        var result = await RunAsync(RsyncMode.Copy, _servers.Ssh("far"), TestRun.Local(_tree.At("dst")), _servers.Tools);

        Assert.Equal((ActionOutcome.Failed, false), (result.Outcome, result.Retryable));
        Assert.Contains(says, result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ssh_CopyOfMissingSource_SaysThatNothingWasTransferred()
    {
        _tree.Shell("mkdir dst");
        _servers.StartSsh();

        var result = await RunAsync(RsyncMode.Copy, _servers.Ssh("nosuch"), TestRun.Local(_tree.At("dst")), _servers.Tools);

        Assert.Equal((ActionOutcome.Failed, false), (result.Outcome, result.Retryable));
        Assert.Contains("nothing was transferred, because the source", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ssh_ClosedPort_IsWorthARetry()
    {
        _tree.Shell("mkdir dst");

        var result = await RunAsync(RsyncMode.Copy, _servers.Ssh("far"), TestRun.Local(_tree.At("dst")));

        Assert.Equal((ActionOutcome.Failed, true), (result.Outcome, result.Retryable));
        Assert.Contains(result.ExitCode, new[] { 12, 255 });
    }

    private Task<ActionResult> RunAsync(RsyncMode mode, RsyncEndpoint source, RsyncEndpoint destination, IToolRunner? tools = null) =>
        _host.Action.RunAsync(
            TestRun.For(
                new Protocol.V1.Action
                {
                    Rsync = new RsyncAction
                    {
                        Mode = mode,
                        Source = source,
                        Destination = destination,
                    },
                },
                tools: tools),
            CancellationToken.None);
}
