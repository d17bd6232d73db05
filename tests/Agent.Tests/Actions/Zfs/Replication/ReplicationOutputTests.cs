using System.Text;
using Fleet.Agent.Actions.Zfs.Replication;
using Fleet.Agent.Ssh;
using Fleet.Agent.Tests.Tools;
using Fleet.Agent.Tools;
using Fleet.Agent.Zfs;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Actions.Zfs.Replication;

/// <summary>What replication reads of real releases, and what it asks them.</summary>
public sealed class ReplicationOutputTests
{
    public static TheoryData<string> Releases => Recording.Releases(Recording.OfZfs);

    [Theory]
    [MemberData(nameof(Releases))]
    public void Bookmarks_AreRead(string release)
    {
        var list = Play(release, "bookmarks", new ZfsListing<ZfsBookmark>(ZfsBookmark.Parse, b => b.FullName));

        Assert.True(list.IsComplete);
        var bookmark = Assert.Single(list.Items);
        Assert.Equal(
            ("tank/data", "fleet_nightly_20261120T205500Z", true),
            (bookmark.Dataset, bookmark.Name, bookmark.CreateTransactionGroup > 0));
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void Holds_OfAnybody_AreRead(string release)
    {
        var list = Play(release, "holds", new ZfsListing<ZfsHold>(ZfsHold.Parse, h => h.Tag));

        Assert.True(list.IsComplete);
        Assert.Equal(["by hand", "fleet:keep"], list.Items.Select(h => h.Tag));
        Assert.All(list.Items, h => Assert.Equal("tank/data@fleet_nightly_20261120T205500Z", h.Snapshot));
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void SendPlan_OfEveryKind_SaysItsSize(string release)
    {
        foreach (
            var name in new[] { "send-plan-full", "send-plan-incremental", "send-plan-bookmark", "send-plan-intermediate", "send-plan-raw" })
        {
            var plan = Play(release, name, new SendPlanOutput());

            Assert.True(plan.SizeBytes > 10_000, name);
            Assert.Null(plan.ResumedGuid);
        }
    }

    [Theory]
    [MemberData(nameof(Releases))]
    public void SendPlan_OfAToken_SaysWhatItIsAbout(string release)
    {
        var plan = Play(release, "send-plan-token", new SendPlanOutput());
        var dead = Play(release, "send-dead-token", new SendPlanOutput());

        Assert.Equal(("tank/src@1", true), (plan.ResumedName, plan.SizeBytes > 0));
        Assert.Equal((plan.ResumedGuid, plan.ResumedName), (dead.ResumedGuid, dead.ResumedName));
        Assert.NotNull(plan.ResumedGuid);
        Assert.Equal(ZfsErrorKind.TokenDead, ZfsErrorParser.Parse(dead.Errors.Lines).Kind);
    }

    [Theory]
    [InlineData("\ttoguid = 0x11", "\ttoname = tank/secret@1", "\tx = y", "\ttoguid = 0x22")]
    [InlineData("\ttoguid = 0x22", "\ttoname = tank/data@1", "\ttoguid = 0x11", "\ttoname = tank/secret@1")]
    [InlineData("\ttoname = tank/secret@1", "\ttoname = tank/data@1")]
    public void SendPlan_OfATokenThatSaysTwoThings_IsAboutNothing(params string[] lines)
    {
        var plan = new SendPlanOutput();
        foreach (var line in lines)
        {
            plan.OnLine(LogStream.Stdout, Encoding.UTF8.GetBytes(line), LineEnd.NewLine, truncated: false);
        }

        Assert.Equal((null, ""), (plan.ResumedGuid, plan.ResumedName));
    }

    [Fact]
    public void Ssh_Arguments_ReachTheOtherShellAsTheyAre()
    {
        var words = SshCommand
            .Run(
                new SshRemote
                {
                    Host = "nas2",
                    Port = 2222,
                    User = "backup",
                    IdentityFile = "/etc/fleet/key",
                },
                "zfs",
                ["list", "tank/a b@c", "it's $HOME; `x`"])
            .Select(w => w.ToString())
            .ToList();

        Assert.Equal(
            ["-p", "2222", "-o", "IdentitiesOnly=yes", "-i", "/etc/fleet/key", "-l", "backup", "-T", "--", "nas2", "env"],
            words[10..22]);

        // What sshd gives to the user's shell: the words with blanks between them.
        using var shell = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo(
                "/bin/sh", ["-c", "printf '<%s>' " + string.Join(' ', words[(words.IndexOf("zfs") + 1)..])])
            {
                RedirectStandardOutput = true,
            }
        )!;
        Assert.Equal("<list><tank/a b@c><it's $HOME; `x`>", shell.StandardOutput.ReadToEnd());
    }

    private static T Play<T>(string release, string name, T output)
        where T : Fleet.Agent.Tools.IToolOutput => new Recording(release, name, Recording.OfZfs).Play(output);
}
