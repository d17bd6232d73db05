using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Fleet.Agent.Actions.Rsync;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;
using Google.Protobuf;

namespace Fleet.Agent.Tests.Actions.Rsync;

/// <summary>A real rsync daemon and a real sshd on loopback.</summary>
public sealed class RemoteTransferTests : IDisposable
{
    private readonly ScratchTree _tree = new();
    private readonly RsyncTransfer _action = new();
    private readonly List<Process> _servers = [];
    private readonly int _port = FreePort();

    public void Dispose()
    {
        foreach (var server in _servers)
        {
            server.Kill(entireProcessTree: true);
            server.WaitForExit();
            server.Dispose();
        }

        _tree.Dispose();
    }

    [Fact]
    public async Task Daemon_SourceNameWithWildcard_IsTakenLiterally()
    {
        _tree.Shell("mkdir -p 'mod/a[1]' mod/a1; echo right > 'mod/a[1]/file'; echo wrong > mod/a1/file");
        StartDaemon();

        var result = await RunAsync(RsyncMode.Mirror, Daemon("/a[1]"), TestRun.Local(_tree.At("dst")));

        Assert.True(result.Outcome == ActionOutcome.Succeeded, result.ToString());
        Assert.Equal("right\n", _tree.Read("dst/file"));
    }

    [Fact]
    public async Task Daemon_PushWithPasswordFile_Arrives()
    {
        _tree.Shell("mkdir -p mod src; printf 'x' > $'src/new\\nline'; echo me:hidden > secrets; echo hidden > password; chmod 600 secrets password");
        StartDaemon($"auth users = me\nsecrets file = {_tree.At("secrets")}");

        var good = await RunAsync(RsyncMode.Mirror, TestRun.Local(_tree.At("src")), Daemon("/up", "password"));
        _tree.Shell("echo wrong > password");
        var bad = await RunAsync(RsyncMode.Mirror, TestRun.Local(_tree.At("src")), Daemon("/up", "password"));

        Assert.True(good.Outcome == ActionOutcome.Succeeded, good.ToString());
        _tree.AssertEqual("src", "mod/up");
        Assert.Equal((ActionOutcome.Failed, 5, false), (bad.Outcome, bad.ExitCode, bad.Retryable));
        Assert.Contains("password file", bad.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Daemon_EmptySource_IsRefused()
    {
        _tree.Shell("mkdir -p mod/empty dst; echo precious > dst/file");
        StartDaemon();

        var result = await RunAsync(RsyncMode.Mirror, Daemon("/empty"), TestRun.Local(_tree.At("dst")));

        Assert.Equal(ActionOutcome.Refused, result.Outcome);
        Assert.Equal("precious\n", _tree.Read("dst/file"));
    }

    [Fact]
    public async Task Daemon_MissingSource_IsRefused()
    {
        _tree.Shell("mkdir -p mod dst");
        StartDaemon();

        var result = await RunAsync(RsyncMode.Mirror, Daemon("/nosuch"), TestRun.Local(_tree.At("dst")));

        Assert.True(result.Outcome == ActionOutcome.Refused, result.ToString());
    }

    [Fact]
    public async Task Daemon_ClosedPort_IsWorthARetry()
    {
        _tree.Shell("mkdir -p dst");

        var result = await RunAsync(RsyncMode.Copy, Daemon("/a"), TestRun.Local(_tree.At("dst")));

        Assert.Equal((ActionOutcome.Failed, 10, true), (result.Outcome, result.ExitCode, result.Retryable));
    }

    [Fact]
    public async Task Daemon_KilledInTheMiddle_IsWorthARetry()
    {
        _tree.Shell("mkdir -p mod/a; head -c 20000000 /dev/zero > mod/a/big");
        StartDaemon();
        var log = new RecordingLog { OnProgress = p => Kill(p.BytesDone > 0) };
        var action = new Protocol.V1.Action
        {
            Rsync = new RsyncAction
            {
                Mode = RsyncMode.Copy,
                Source = Daemon("/a"),
                Destination = TestRun.Local(_tree.At("dst")),
                BandwidthLimitBytesPerSecond = 500_000,
            },
        };

        var result = await _action.RunAsync(TestRun.For(action, log), CancellationToken.None);

        Assert.Equal((ActionOutcome.Failed, true), (result.Outcome, result.Retryable));
        Assert.Contains(result.ExitCode, new[] { 10, 12 });

        void Kill(bool now)
        {
            if (now)
            {
                _servers[0].Kill(entireProcessTree: true);
            }
        }
    }

    [Fact]
    public async Task Ssh_KnownHost_TransfersBothWays()
    {
        _tree.Shell("mkdir -p 'far/a b[1]' far/'a b1' src; printf x > $'far/a b[1]/new\\nline'; echo y > src/file");
        StartSsh();
        var tools = new KnownHosts(TestRun.Tools, _tree.At("known_hosts"));

        var pull = await RunAsync(RsyncMode.Mirror, Ssh("far/a b[1]"), TestRun.Local(_tree.At("dst")), tools);
        var push = await RunAsync(RsyncMode.Mirror, TestRun.Local(_tree.At("src")), Ssh("far/up $(id) x"), tools);

        Assert.True(pull.Outcome == ActionOutcome.Succeeded, pull.ToString());
        _tree.AssertEqual("far/a b[1]", "dst");
        Assert.True(push.Outcome == ActionOutcome.Succeeded, push.ToString());
        _tree.AssertEqual("src", "far/up $(id) x");
    }

    [Fact]
    public async Task Ssh_UnknownHost_FailsAndSaysWhatToDo()
    {
        _tree.Shell("mkdir far dst; touch far/x");
        StartSsh();

        var result = await RunAsync(RsyncMode.Copy, Ssh("far"), TestRun.Local(_tree.At("dst")));

        Assert.Equal((ActionOutcome.Failed, false), (result.Outcome, result.Retryable));
        Assert.Contains("known_hosts", result.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("echo hi there", "prints text where only the tool may speak: \"hi there\"")]
    [InlineData("exit 3", "runs no commands for this host: asked to run true, it ended with exit code 3 and said nothing")]
    [InlineData("echo not available; exit 1", "asked to run true, it ended with exit code 1 and said \"not available\"")]
    [InlineData("echo no --delete here >&2; exit 1", "it said: \"no --delete here\"")]
    public async Task Ssh_CommandOfTheKey_IsShownAndNotRetried(string command, string says)
    {
        _tree.Shell("mkdir far dst; touch far/x");
        StartSsh();
        _tree.Shell($"printf 'command=\"%s\" %s\\n' '{command}' \"$(cat client.pub)\" > authorized");

        var result = await RunAsync(RsyncMode.Copy, Ssh("far"), TestRun.Local(_tree.At("dst")), new KnownHosts(TestRun.Tools, _tree.At("known_hosts")));

        Assert.Equal((ActionOutcome.Failed, false), (result.Outcome, result.Retryable));
        Assert.Contains(says, result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ssh_MirrorFromShellThatPrints_ShowsWhatItPrints()
    {
        _tree.Shell("mkdir far dst; touch far/x");
        StartSsh();
        _tree.Shell("printf 'command=\"echo hi there\" %s\\n' \"$(cat client.pub)\" > authorized");

        var result = await RunAsync(RsyncMode.Mirror, Ssh("far"), TestRun.Local(_tree.At("dst")), new KnownHosts(TestRun.Tools, _tree.At("known_hosts")));

        Assert.Equal((ActionOutcome.Failed, false), (result.Outcome, result.Retryable));
        Assert.Contains("\"hi there\"", result.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chmod 644 client", "because others may read it (mode 0644): chmod 600")]
    [InlineData("rm client", "cannot be read (No such file or directory)")]
    [InlineData("ssh-keygen -q -p -N secret -f client", "protected by a passphrase")]
    [InlineData(": > authorized", "was not let in with the key")]
    [InlineData("ssh-keygen -q -t ed25519 -N '' -f other; sed -i \"s|ssh-ed25519 .*|$(cut -d' ' -f1,2 other.pub)|\" known_hosts", "this may be an attack")]
    public async Task Ssh_KeyThatDoesNotDo_SaysWhy(string change, string says)
    {
        _tree.Shell("mkdir far dst; touch far/x");
        StartSsh();
        _tree.Shell(change);

        var result = await RunAsync(RsyncMode.Copy, Ssh("far"), TestRun.Local(_tree.At("dst")), new KnownHosts(TestRun.Tools, _tree.At("known_hosts")));

        Assert.Equal((ActionOutcome.Failed, false), (result.Outcome, result.Retryable));
        Assert.Contains(says, result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ssh_CopyOfMissingSource_SaysThatNothingWasTransferred()
    {
        _tree.Shell("mkdir dst");
        StartSsh();

        var result = await RunAsync(RsyncMode.Copy, Ssh("nosuch"), TestRun.Local(_tree.At("dst")), new KnownHosts(TestRun.Tools, _tree.At("known_hosts")));

        Assert.Equal((ActionOutcome.Failed, false), (result.Outcome, result.Retryable));
        Assert.Contains("nothing was transferred, because the source", result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ssh_ClosedPort_IsWorthARetry()
    {
        _tree.Shell("mkdir dst");

        var result = await RunAsync(RsyncMode.Copy, Ssh("far"), TestRun.Local(_tree.At("dst")));

        Assert.Equal((ActionOutcome.Failed, true), (result.Outcome, result.Retryable));
        Assert.Contains(result.ExitCode, new[] { 12, 255 });
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private Task<ActionResult> RunAsync(RsyncMode mode, RsyncEndpoint source, RsyncEndpoint destination, IToolRunner? tools = null) =>
        _action.RunAsync(
            TestRun.For(new Protocol.V1.Action { Rsync = new RsyncAction { Mode = mode, Source = source, Destination = destination } }, tools: tools),
            CancellationToken.None);

    private RsyncEndpoint Daemon(string path, string? password = null) => new()
    {
        Path = ByteString.CopyFromUtf8(path),
        Daemon = new RsyncDaemonRemote
        {
            Host = "127.0.0.1",
            Port = _port,
            Module = "m",
            User = password is null ? "" : "me",
            PasswordFile = password is null ? "" : _tree.At(password),
        },
    };

    private RsyncEndpoint Ssh(string path) => new()
    {
        Path = ByteString.CopyFromUtf8(_tree.At(path)),
        Ssh = new SshRemote { Host = "127.0.0.1", Port = _port, IdentityFile = _tree.At("client") },
    };

    private void StartDaemon(string more = "")
    {
        _tree.File("rsyncd.conf", $"""
            port = {_port}
            address = 127.0.0.1
            use chroot = no
            uid = 0
            gid = 0
            [m]
            path = {_tree.At("mod")}
            read only = no
            {more}

            """);
        Start("/usr/bin/rsync", "--daemon", "--no-detach", $"--config={_tree.At("rsyncd.conf")}");
    }

    private void StartSsh()
    {
        _tree.Shell($"""
            mkdir -p /run/sshd; chmod 700 .
            ssh-keygen -q -t ed25519 -N '' -f server; ssh-keygen -q -t ed25519 -N '' -f client; cp client.pub authorized
            printf '[127.0.0.1]:{_port} %s\n' "$(cut -d' ' -f1,2 server.pub)" > known_hosts
            """);
        _tree.File("sshd_config", $"""
            Port {_port}
            ListenAddress 127.0.0.1
            HostKey {_tree.At("server")}
            AuthorizedKeysFile {_tree.At("authorized")}
            PidFile none
            PermitRootLogin yes
            PasswordAuthentication no
            StrictModes no
            UsePAM no

            """);
        Start("/usr/sbin/sshd", "-D", "-e", "-f", _tree.At("sshd_config"));
    }

    private void Start(string program, params string[] arguments)
    {
        _servers.Add(Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!);
        for (var i = 0; i < 3000; i++)
        {
            try
            {
                using var client = new TcpClient();
                client.Connect(IPAddress.Loopback, _port);
                return;
            }
            catch (SocketException)
            {
                Thread.Sleep(10);
            }
        }

        Assert.Fail($"{program} does not listen: {_servers[^1].StandardError.ReadToEnd()}");
    }

    /// <summary>Points ssh at the test's own list of known hosts instead of root's.</summary>
    private sealed class KnownHosts(IToolRunner inner, string file) : IToolRunner
    {
        public string? Find(string tool) => inner.Find(tool);

        public Task<ToolResult> RunAsync(ToolRequest request, IToolOutput output, CancellationToken cancellationToken)
        {
            List<ToolArgument> arguments = [.. request.Arguments];
            if (request.Program == "ssh")
            {
                arguments.InsertRange(0, ["-o", $"UserKnownHostsFile={file}"]);
            }

            var shell = arguments.FindIndex(a => $" {a}".Contains(" ssh -o ", StringComparison.Ordinal));
            if (shell >= 0)
            {
                arguments[shell] = $"{arguments[shell]} -o UserKnownHostsFile={file}";
            }

            return inner.RunAsync(request with { Arguments = arguments }, output, cancellationToken);
        }
    }
}
