using Fleet.Coordinator.Policies;
using Fleet.Protocol.V1;
using Google.Protobuf;

namespace Fleet.Coordinator.Tests.Policies;

public sealed class DestinationRulesTests
{
    private static readonly Dictionary<string, IReadOnlyDictionary<string, string>> Hosts = new()
    {
        ["web1"] = new Dictionary<string, string> { ["role"] = "web" },
        ["nas1"] = new Dictionary<string, string> { ["role"] = "nas" },
    };

    [Theory]
    [InlineData("labels")]
    [InlineData("hosts")]
    public void OneRemotePathForSeveralHosts_IsRefused_AndHostMakesItGood(string by)
    {
        var bad = Remote("push", "logs");
        Target(bad, by);
        var good = Remote("push", "logs/{host}");
        Target(good, by);

        var violation = Assert.Single(DestinationRules.Check([bad], [], Hosts).Violations);
        Assert.Equal("policies[0].action.rsync.destination.path", violation.Field);
        Assert.Contains("logs/{host}", violation.Message, StringComparison.Ordinal);
        Assert.Empty(DestinationRules.Check([good], [], Hosts).Violations);
    }

    [Theory]
    [InlineData("/backup/a", "/backup/a", "is also the destination of")]
    [InlineData("/backup/a/", "/backup/a", "is also the destination of")]
    [InlineData("/backup/a/b", "/backup/a", "lies below the destination of")]
    [InlineData("/backup", "/backup/a", "lies above the destination of")]
    [InlineData("/", "/backup/a", "lies above the destination of")]
    public void Overlap_WithAStoredPolicy_IsRefusedByItsName(string mine, string theirs, string says)
    {
        var violation = Assert.Single(
            DestinationRules.Check([Local("mine", mine, "web1")], [Local("theirs", theirs, "web1")], Hosts).Violations);

        Assert.Contains($"{says} theirs", violation.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Overlap_InOneRequest_IsToldOfBoth() =>
        Assert.Equal(
            ["policies[0].action.rsync.destination.path", "policies[1].action.rsync.destination.path"],
            DestinationRules
                .Check([Local("a", "/backup", "web1"), Local("b", "/backup", "web1")], [], Hosts)
                .Violations.Select(v => v.Field)
                .Order());

    [Theory]
    [InlineData("/backup/a", "/backup/ab")]
    [InlineData("/backup/a b", "/backup/a")]
    [InlineData("/backup/{policy}", "/backup/theirs2")]
    public void OtherFolders_AreNoOverlap(string mine, string theirs) =>
        Assert.Empty(DestinationRules.Check([Local("mine", mine, "web1")], [Local("theirs", theirs, "web1")], Hosts).Violations);

    [Fact]
    public void SameFolder_OnOtherHosts_IsNoOverlap() =>
        Assert.Empty(DestinationRules.Check([Local("mine", "/backup", "web1")], [Local("theirs", "/backup", "nas1")], Hosts).Violations);

    [Fact]
    public void APolicyThatIsAppliedAgain_DoesNotMeetItself() =>
        Assert.Empty(DestinationRules.Check([Local("mine", "/backup/a", "web1")], [Local("mine", "/backup/a", "web1")], Hosts).Violations);

    [Fact]
    public void VersionsBesideVersions_InOneFolder_IsAllowed_AndNothingElseThere()
    {
        var one = Local("one", "/backup", "web1");
        var other = Local("other", "/backup", "web1");
        one.Action.Rsync.Mode = other.Action.Rsync.Mode = RsyncMode.Versions;
        Assert.Empty(DestinationRules.Check([one, other], [], Hosts).Violations);

        other.Action.Rsync.Destination.Path = ByteString.CopyFromUtf8("/backup/sub");
        Assert.NotEmpty(DestinationRules.Check([one, other], [], Hosts).Violations);
        Assert.NotEmpty(DestinationRules.Check([one], [Local("mirror", "/backup", "web1")], Hosts).Violations);
    }

    [Fact]
    public void PushOverSsh_MeetsThePolicyOfThatHost()
    {
        var push = Local("push", "/backup/web1", "web1");
        push.Action.Rsync.Destination.Ssh = new SshRemote { Host = "nas1", User = "root" };

        Assert.Contains(
            "pull",
            Assert.Single(DestinationRules.Check([push], [Local("pull", "/backup", "nas1")], Hosts).Violations).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void TwoReplications_WithOneTarget_AreRefused()
    {
        var one = Replication("one", "tank/a", "backup/copies");
        var other = Replication("other", "tank/b", "backup/copies/b");

        var violation = Assert.Single(DestinationRules.Check([one], [other], Hosts).Violations);
        Assert.Equal("policies[0].action.zfs_replicate.target", violation.Field);
        other.Action.ZfsReplicate.Target = "backup/b";
        Assert.Empty(DestinationRules.Check([one], [other], Hosts).Violations);
    }

    [Fact]
    public void LabelsThatNoHostHasTogetherNow_AreAWarning_AndContradictingOnesNothing()
    {
        var web = Local("web", "/backup", "web1");
        web.Target = new PolicyTarget { MatchLabels = { ["role"] = "web" } };
        var site = Local("site", "/backup", "web1");
        site.Target = new PolicyTarget { MatchLabels = { ["site"] = "berlin" } };
        var nas = Local("nas", "/backup", "web1");
        nas.Target = new PolicyTarget { MatchLabels = { ["role"] = "nas" } };

        var (violations, warnings) = DestinationRules.Check([web], [site, nas], Hosts);

        Assert.Empty(violations);
        Assert.Contains("that of site", Assert.Single(warnings).Warning, StringComparison.Ordinal);
    }

    private static void Target(PolicySpec spec, string by) => spec.Target = by == "labels"
        ? new PolicyTarget { MatchLabels = { ["role"] = "web" } }
        : new PolicyTarget { Hosts = { "web1", "nas1" } };

    private static PolicySpec Local(string name, string destination, string host) => new()
    {
        Name = name,
        Target = new PolicyTarget { Hosts = { host } },
        Action = new Protocol.V1.Action
        {
            Rsync = new RsyncAction
            {
                Source = new RsyncEndpoint { Path = ByteString.CopyFromUtf8("/srv") },
                Destination = new RsyncEndpoint { Path = ByteString.CopyFromUtf8(destination) },
                Mode = RsyncMode.Mirror,
            },
        },
    };

    private static PolicySpec Remote(string name, string path)
    {
        var spec = Local(name, path, "web1");
        spec.Action.Rsync.Destination.Daemon = new RsyncDaemonRemote { Host = "nas.example.org", Module = "backup" };
        return spec;
    }

    private static PolicySpec Replication(string name, string source, string target) =>
        new()
        {
            Name = name,
            Target = new PolicyTarget { Hosts = { "nas1" } },
            Action = new Protocol.V1.Action
            {
                ZfsReplicate = new ZfsReplicateAction
                {
                    Source = source,
                    Target = target,
                    SnapshotsOf = "hourly",
                },
            },
        };
}
