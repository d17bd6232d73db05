using System.Text;
using Fleet.Agent.Actions.Rsync;
using Fleet.Protocol.V1;
using Google.Protobuf;

namespace Fleet.Agent.Tests.Actions.Rsync;

public sealed class RsyncCommandsTests
{
    private static readonly RsyncEndpoint Here = TestRun.Local("/data");

    [Fact]
    public void Transfer_Copy_DeletesNothing()
    {
        var arguments = Texts(
            RsyncCommands.Transfer(
                new RsyncAction
                {
                    Mode = RsyncMode.Copy,
                    Source = Here,
                    Destination = TestRun.Local("/backup/"),
                },
                5));

        Assert.DoesNotContain(arguments, a => a.Contains("delete", StringComparison.Ordinal));
        Assert.Equal(["--", "/data/", "/backup/"], arguments[^3..]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Transfer_Info_IsWhatTheOldestReleaseKnows(bool dryRun)
    {
        // rsync 3.2.3: Unknown --info item: "nonreg".
        var arguments = Texts(
            RsyncCommands.Transfer(
                new RsyncAction
                {
                    Mode = RsyncMode.Copy,
                    Source = Here,
                    Destination = TestRun.Local("/backup/"),
                    DryRun = dryRun,
                },
                5));

        Assert.Equal(
            dryRun ? "--info=del1" : "--info=progress2,del1",
            Assert.Single(arguments, a => a.StartsWith("--info", StringComparison.Ordinal)));
    }

    [Fact]
    public void Transfer_Mirror_BoundsDeletions()
    {
        var arguments = Texts(
            RsyncCommands.Transfer(
                new RsyncAction
                {
                    Mode = RsyncMode.Mirror,
                    Source = Here,
                    Destination = TestRun.Local("/backup"),
                },
                5));

        Assert.Contains("--delete-delay", arguments);
        Assert.Contains("--max-delete=5", arguments);
    }

    [Fact]
    public void Transfer_AllOptions_AreSet()
    {
        var action = new RsyncAction
        {
            Mode = RsyncMode.Versions,
            Source = Here,
            Destination = TestRun.Local("/backup"),
            HardLinks = true,
            AclsAndXattrs = true,
            Checksum = true,
            NumericIds = true,
            OneFileSystem = true,
            BandwidthLimitBytesPerSecond = 10,
            Excludes = { "*.tmp", "-odd name" },
        };

        var arguments = Texts(RsyncCommands.Transfer(action, 0, "/backup/new"u8.ToArray(), ["/backup/old"u8.ToArray()]));

        Assert.Superset(
            new HashSet<string>
            {
                "-H",
                "-A",
                "-X",
                "--checksum",
                "--numeric-ids",
                "-x",
                "--bwlimit=1",
                "--exclude=*.tmp",
                "--exclude=-odd name",
                "--link-dest=/backup/old",
            },
            arguments.ToHashSet());
        Assert.Equal(["--", "/data/", "/backup/new/"], arguments[^3..]);
    }

    [Fact]
    public void Transfer_PathThatIsNotUtf8_StaysAsItIs()
    {
        var action = new RsyncAction { Mode = RsyncMode.Copy, Source = TestRun.Local("/a\n\xff"), Destination = Here };

        Assert.Equal(Encoding.Latin1.GetBytes("/a\n\xff/"), RsyncCommands.Transfer(action, 0)[^2].Bytes.ToArray());
    }

    [Fact]
    public void Transfer_Ssh_NeverAsksAndNeverWaitsForEver()
    {
        var remote = new RsyncEndpoint
        {
            Path = ByteString.CopyFromUtf8("/srv/a[1]"),
            Ssh = new SshRemote { Host = "2001:db8::1", Port = 2222, User = "backup", IdentityFile = "/etc/fleet/key" },
        };

        var arguments = Texts(RsyncCommands.Transfer(new RsyncAction { Mode = RsyncMode.Copy, Source = remote, Destination = Here }, 0));

        var shell = arguments[arguments.IndexOf("-e") + 1];
        Assert.StartsWith("ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=", shell, StringComparison.Ordinal);
        Assert.EndsWith(" -p 2222 -o IdentitiesOnly=yes -i /etc/fleet/key", shell, StringComparison.Ordinal);
        Assert.Contains("--timeout=300", arguments);
        Assert.Equal(@"backup@[2001:db8::1]:/srv/a\[1]/", arguments[^2]);
    }

    [Fact]
    public void Transfer_Daemon_ReadsThePasswordFromAFile()
    {
        var remote = new RsyncEndpoint
        {
            Path = ByteString.CopyFromUtf8("/sub/"),
            Daemon = new RsyncDaemonRemote
            {
                Host = "nas",
                Port = 8730,
                Module = "backup",
                User = "me",
                PasswordFile = "/etc/fleet/nas.secret",
            },
        };

        var arguments = Texts(RsyncCommands.Transfer(new RsyncAction { Mode = RsyncMode.Copy, Source = Here, Destination = remote }, 0));

        Assert.Contains("--password-file=/etc/fleet/nas.secret", arguments);
        Assert.Contains("--port=8730", arguments);
        Assert.Contains("--contimeout=30", arguments);
        Assert.Equal("me@nas::backup/sub/", arguments[^1]);
    }

    [Theory]
    [InlineData("relative", "absolute")]
    [InlineData("/a/../b", "'..'")]
    [InlineData("/a\0b", "NUL")]
    [InlineData("", "absolute")]
    public void Problem_BadPath_IsNamed(string path, string expected)
    {
        var action = new RsyncAction { Mode = RsyncMode.Copy, Source = TestRun.Local(path), Destination = Here };

        Assert.Contains(expected, RsyncEndpoints.Problem(action));
    }

    [Theory]
    [InlineData("-oProxyCommand=x", "", "", "host")]
    [InlineData("host name", "", "", "host")]
    [InlineData("host", "-l", "", "user")]
    [InlineData("host", "", "/key with space", "key")]
    [InlineData("host", "", "/key'quote", "key")]
    public void Problem_FieldThatCouldBecomeAnOption_IsRefused(string host, string user, string key, string expected)
    {
        var remote = new RsyncEndpoint
        {
            Path = ByteString.CopyFromUtf8("/x"),
            Ssh = new SshRemote
            {
                Host = host,
                User = user,
                IdentityFile = key,
            },
        };

        Assert.Contains(expected, RsyncEndpoints.Problem(new RsyncAction { Mode = RsyncMode.Copy, Source = remote, Destination = Here }));
    }

    [Fact]
    public void Problem_RemoteDestinationWithWildcard_IsRefused()
    {
        var remote = new RsyncEndpoint { Path = ByteString.CopyFromUtf8("/x[1]"), Ssh = new SshRemote { Host = "h" } };

        Assert.Contains("expand", RsyncEndpoints.Problem(new RsyncAction { Mode = RsyncMode.Copy, Source = Here, Destination = remote }));
    }

    private static List<string> Texts(IReadOnlyList<Agent.Tools.ToolArgument> arguments) => [.. arguments.Select(a => a.ToString())];
}
