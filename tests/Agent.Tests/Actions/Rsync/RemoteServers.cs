using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;
using Google.Protobuf;

namespace Fleet.Agent.Tests.Actions.Rsync;

/// <summary>A real rsync daemon or sshd on loopback, for the files of a test.</summary>
internal sealed class RemoteServers(ScratchTree tree) : IDisposable
{
    private readonly ScratchTree _tree = tree;
    private readonly List<Process> _servers = [];
    private readonly int _port = FreePort();

    /// <summary>Knows the sshd's key.</summary>
    public IToolRunner Tools => new KnownHosts(TestRun.Tools, _tree.At("known_hosts"));

    public void Kill() => _servers[0].Kill(entireProcessTree: true);

    public void Dispose()
    {
        foreach (var server in _servers)
        {
            server.Kill(entireProcessTree: true);
            server.WaitForExit();
            server.Dispose();
        }
    }

    public RsyncEndpoint Daemon(string path, string? password = null) => new()
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

    public RsyncEndpoint Ssh(string path) => new()
    {
        Path = ByteString.CopyFromUtf8(_tree.At(path)),
        Ssh = new SshRemote { Host = "127.0.0.1", Port = _port, IdentityFile = _tree.At("client") },
    };

    public void StartDaemon(string more = "")
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

    /// <param name="options">Before the key, as in authorized_keys(5).</param>
    public void StartSsh(string options = "")
    {
        _tree.Shell($"""
            mkdir -p /run/sshd; chmod 700 .
            ssh-keygen -q -t ed25519 -N '' -f server; ssh-keygen -q -t ed25519 -N '' -f client; printf '%s%s\n' '{options}' "$(cat client.pub)" > authorized
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
        _servers.Add(
            Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!);
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

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
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
