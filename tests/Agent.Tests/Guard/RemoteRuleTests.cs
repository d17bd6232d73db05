using Fleet.Agent.Guard;
using Fleet.Protocol.V1;
using Google.Protobuf;

namespace Fleet.Agent.Tests.Guard;

public sealed class RemoteRuleTests : IDisposable
{
    private readonly TemporaryFolder _etc = new();
    private readonly TemporaryFolder _folder = new();
    private readonly FileGuard _guard;

    public RemoteRuleTests()
    {
        Directory.CreateDirectory(_folder.File("data/keys"));
        Directory.CreateDirectory(_folder.File("backup"));
        _guard = new FileGuard(() => _etc.File("guard.yaml"));
    }

    public void Dispose()
    {
        _folder.Dispose();
        _etc.Dispose();
    }

    [Theory]
    [InlineData("nas1", "", 0, "", true)]
    [InlineData("NAS1", "", 0, "", true)]
    [InlineData("nas1", "root", 0, "", false)]
    [InlineData("nas1", "", 22, "", false)]
    [InlineData("nas1", "", 0, "/k/shared", true)]
    [InlineData("nas1", "", 0, "/k/other", false)]
    [InlineData("nas2", "backup", 0, "", true)]
    [InlineData("nas2", "", 0, "", false)]
    [InlineData("nas3", "backup", 2222, "", true)]
    [InlineData("nas3", "backup", 0, "", false)]
    [InlineData("fe80::1", "", 0, "", true)]
    [InlineData("fe80::2", "u", 2222, "", true)]
    [InlineData("nas4", "backup", 2222, "/k/nas4", true)]
    [InlineData("nas4", "backup", 2222, "", false)]
    [InlineData("nas4", "backup", 2222, "/k/shared", false)]
    [InlineData("nas4", "root", 2222, "/k/nas4", false)]
    [InlineData("nas5", "", 0, "/k/shared", true)]
    [InlineData("evil", "", 0, "", false)]
    public void Check_Ssh_OnlyAsTheEntrySays(string host, string user, int port, string key, bool allowed)
    {
        Write("[nas1, backup@nas2, backup@nas3:2222, 'fe80::1', 'u@[fe80::2]:2222', {host: nas4, user: backup, port: 2222, identity_file: /k/nas4}, {host: nas5}]", "keys: [/k/shared]");
        var ssh = new SshRemote { Host = host, User = user, Port = port, IdentityFile = key };

        var asDestination = Check(Local("data"), new RsyncEndpoint { Path = ByteString.CopyFromUtf8("/x"), Ssh = ssh }, RsyncMode.Copy);
        using var asSource = Check(new RsyncEndpoint { Path = ByteString.CopyFromUtf8("/x"), Ssh = ssh }, Local("backup"), RsyncMode.Copy);
        var replication = _guard.Check(
            new Protocol.V1.Action
            {
                ZfsReplicate = new ZfsReplicateAction
                {
                    Source = "tank/data",
                    Target = "copy/data",
                    TargetHost = ssh,
                },
            });

        Assert.Equal((allowed, allowed, allowed), (asDestination.Allowed, asSource.Allowed, replication.Allowed));
        Assert.Contains(
            allowed ? ""
                : host == "evil" ? "rsync.remotes does not list evil"
                : $"lists {host}, but not as",
            asDestination.Message,
            StringComparison.Ordinal);
        Assert.DoesNotContain("\n", asDestination.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nas1", "backup", 0, "/k/daemon", true)]
    [InlineData("nas1", "backup", 0, "/etc/shadow", false)]
    [InlineData("nas1", "backup", 0, "", false)]
    [InlineData("nas1", "backup", 8873, "/k/daemon", false)]
    [InlineData("nas2", "", 0, "", true)]
    [InlineData("nas2", "", 0, "/k/daemon", false)]
    public void Check_Daemon_OnlyAsTheEntrySays(string host, string user, int port, string password, bool allowed)
    {
        Write("[{host: nas1, user: backup, password_file: /k/daemon}, nas2]");
        var daemon = new RsyncDaemonRemote { Host = host, User = user, Port = port, PasswordFile = password, Module = "m" };

        Assert.Equal(allowed, Check(Local("data"), new RsyncEndpoint { Daemon = daemon }, RsyncMode.Copy).Allowed);
    }

    [Fact]
    public void Check_Refused_SaysHowItWasAskedFor()
    {
        Write("[backup@nas1]");
        var ssh = new SshRemote { Host = "nas1", User = "root", Port = 2222, IdentityFile = "/k/x" };

        var refused = Check(Local("data"), new RsyncEndpoint { Path = ByteString.CopyFromUtf8("/x"), Ssh = ssh }, RsyncMode.Copy);

        Assert.Contains(
            "rsync.remotes lists nas1, but not as root@nas1:2222 with identity_file /k/x: change the entry in",
            refused.Message,
            StringComparison.Ordinal);
        Assert.Contains("guard.yaml:5: rsync.remotes: backup@nas1", refused.Rule, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", 10_000, 10_000, true)]
    [InlineData("", 0, 10_000, true)]
    [InlineData("", 10_001, 0, false)]
    [InlineData(", max_delete: 50", 50, 50, true)]
    [InlineData(", max_delete: 50", 51, 0, false)]
    [InlineData(", max_delete: 20000", 15_000, 20_000, true)]
    public void Check_RemoteMirror_HasALimitOfItsOwn(string limit, long asked, long allows, bool allowed)
    {
        Write("[{host: nas1, user: backup, identity_file: /k/nas1}]", $"remote_mirrors: [{{host: nas1, user: backup{limit}}}]");
        var ssh = new SshRemote { Host = "nas1", User = "backup", IdentityFile = "/k/nas1" };
        var action = Rsync(Local("data"), new RsyncEndpoint { Path = ByteString.CopyFromUtf8("/x"), Ssh = ssh }, RsyncMode.Mirror);
        action.Rsync.MaxDelete = asked;

        var decision = _guard.Check(action);

        Assert.Equal(allowed, decision.Allowed);
        if (allowed)
        {
            Assert.Equal(allows, decision.MaxDelete);
        }
    }

    [Fact]
    public void Check_RemoteMirror_OfAnotherUserOfTheSameHost_IsRefused()
    {
        Write("[a@nas1, b@nas1]", "remote_mirrors: [a@nas1]");
        Assert.True(Mirror("a"));
        Assert.False(Mirror("b"));

        bool Mirror(string user) =>
            Check(
                Local("data"),
                new RsyncEndpoint
                {
                    Path = ByteString.CopyFromUtf8("/x"),
                    Ssh = new SshRemote { Host = "nas1", User = user },
                },
                RsyncMode.Mirror
            ).Allowed;
    }

    [Theory]
    [InlineData("remotes: [root@]", "must be HOST, USER@HOST or USER@HOST:PORT")]
    [InlineData("remotes: ['@nas1']", "must be HOST, USER@HOST or USER@HOST:PORT")]
    [InlineData("remotes: ['nas1:0']", "must be HOST, USER@HOST or USER@HOST:PORT")]
    [InlineData("remotes: ['nas1:ssh']", "must be HOST, USER@HOST or USER@HOST:PORT")]
    [InlineData("remotes: ['-oProxyCommand=x']", "must be HOST, USER@HOST or USER@HOST:PORT")]
    [InlineData("remotes: [[nas1]]", "must be text or a mapping")]
    [InlineData("remotes: [{user: x}]", "host: is required")]
    [InlineData("remotes: [{host: nas1, port: 70000}]", "port: must be")]
    [InlineData("remotes: [{host: nas1, identity_file: key}]", "identity_file: must be an absolute path")]
    [InlineData("remotes: [{host: nas1, identityfile: /key}]", "did you mean identity_file")]
    [InlineData("remotes: [{host: nas1, max_delete: 1}]", "unknown key")]
    [InlineData("remote_mirrors: [{host: nas1, identity_file: /key}]", "unknown key")]
    [InlineData("keys: [key]", "keys[0]: must be an absolute path")]
    public void Check_EntryThatMakesNoSense_EverythingIsRefused(string rules, string problem)
    {
        _etc.Write(
            "guard.yaml",
            $"rsync:\n  sources: [{_folder.File("data")}]\n  destinations: [{{path: {_folder.File("backup")}, allow: [copy]}}]\n  {rules}\n");

        var decision = Check(Local("data"), Local("backup"), RsyncMode.Copy);

        Assert.False(decision.Allowed);
        Assert.Contains(problem, decision.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("keys: [{0}/data/keys/k]")]
    [InlineData("remotes: [{{host: nas1, identity_file: {0}/data/keys/k}}]")]
    [InlineData("remotes: [{{host: nas1, password_file: {0}/data/keys/k}}]")]
    public void Check_KeyFilesOfOtherRules_AreNeitherReadNorWritten(string rules)
    {
        _folder.Write("data/keys/k", "key");
        var list = string.Format(System.Globalization.CultureInfo.InvariantCulture, rules, _folder.Path);
        foreach (var section in new[] { "", "replication:" })
        {
            _etc.Write(
                "guard.yaml",
                $"rsync:\n  sources: [{_folder.Path}]\n  destinations: [{{path: {_folder.Path}, allow: [copy]}}]\n{section}\n  {list}\n");

            using var above = Check(Local("data"), Local("backup"), RsyncMode.Copy);
            Assert.True(above.Allowed, above.Message);
            Assert.Equal([_folder.File("data/keys/k")], above.Hidden.Select(System.Text.Encoding.UTF8.GetString));
            Assert.Contains(
                "outside every rule",
                Check(Local("data/keys/k"), Local("backup"), RsyncMode.Copy).Message,
                StringComparison.Ordinal);
            Assert.Contains(
                "outside every rule",
                Check(Local("backup"), Local("data/keys"), RsyncMode.Copy).Message,
                StringComparison.Ordinal);
        }
    }

    private void Write(string remotes, string more = "") => _etc.Write(
        "guard.yaml",
        $"""
        rsync:
          sources: [{_folder.File("data")}]
          destinations: [{"{"}path: {_folder.File("backup")}, allow: [copy]{"}"}]
          {more}
          remotes: {remotes}
        replication:
          {(more.StartsWith("keys", StringComparison.Ordinal) ? more : "")}
          remotes: {remotes}
        zfs: [{"{"}dataset: tank, allow: [send]{"}"}]
        """);

    private GuardDecision Check(RsyncEndpoint source, RsyncEndpoint destination, RsyncMode mode) =>
        _guard.Check(Rsync(source, destination, mode));

    private RsyncEndpoint Local(string path) => new() { Path = ByteString.CopyFromUtf8(_folder.File(path)) };

    private static Protocol.V1.Action Rsync(RsyncEndpoint source, RsyncEndpoint destination, RsyncMode mode) =>
        new() { Rsync = new RsyncAction { Source = source, Destination = destination, Mode = mode } };
}
