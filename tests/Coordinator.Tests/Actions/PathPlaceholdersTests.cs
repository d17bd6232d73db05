using Fleet.Coordinator.Actions;
using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Fleet.Coordinator.Tests.Actions;

public sealed class PathPlaceholdersTests
{
    [Theory]
    [InlineData("/b/{host}/{policy}", "/b/web1/photos")]
    [InlineData("/b/{{host}", "/b/{host}")]
    [InlineData("/b/}x", "/b/}x")]
    [InlineData("/b/{{{host}", "/b/{web1")]
    public void Expand_ReplacesWhatItKnows(string path, string expanded)
    {
        Assert.Null(PathPlaceholders.Problem(path));
        Assert.Equal(expanded, PathPlaceholders.Expand(path, "web1", "photos"));
    }

    [Fact]
    public void Expand_LeavesOtherBytesAsTheyAre() =>
        Assert.Equal(
            ByteString.CopyFrom([0x2f, 0xff, 0xe4, 0x2f, (byte)'h']),
            PathPlaceholders.Expand(ByteString.CopyFrom([0x2f, 0xff, 0xe4, 0x2f, .. "{host}"u8]), "h", "p"));

    [Theory]
    [InlineData("/b/{hots}", "{host} and {policy} are known")]
    [InlineData("/b/{", "does not begin a placeholder")]
    [InlineData("/b/$(hostname)", "there is no shell")]
    [InlineData("/b/${HOST}", "there is no shell")]
    [InlineData("$HOME/b", "there is no shell")]
    [InlineData("/b/`hostname`", "there is no shell")]
    [InlineData("~/b", "home folder")]
    public void WhatWouldBeTakenLiterally_IsRefused(string path, string says) =>
        Assert.Contains(says, PathPlaceholders.Problem(path), StringComparison.Ordinal);

    [Theory]
    [InlineData("/srv/$RECYCLE.BIN")]
    [InlineData("/srv/a~")]
    [InlineData("/srv/$1")]
    public void NamesThatFilesHave_AreTaken(string path) => Assert.Null(PathPlaceholders.Problem(path));

    [Fact]
    public async Task RunsAndAssignments_GetThePathOfTheirHost()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var agent = await coordinator.EnrolAsync("web1");
        await coordinator.ApplyAsync(TestPolicies.New(change: spec =>
        {
            spec.Action.Rsync.Destination = new RsyncEndpoint
            {
                Path = ByteString.CopyFromUtf8("/b/{host}/{policy}"),
                Ssh = new SshRemote { Host = "nas.example.org" },
            };
        }));
        await using var session = await agent.OpenAsync();

        var assigned = Assert.Single((await session.AssignmentAsync()).Policies);
        Assert.Equal("/b/web1/photos", assigned.Spec.Action.Rsync.Destination.Path.ToStringUtf8());
        var run = await coordinator.StartAsync("photos");
        Assert.Equal("/b/web1/photos", (await session.CommandAsync()).Action.Rsync.Destination.Path.ToStringUtf8());
        Assert.NotEmpty(run.RunId);
    }

    [Theory]
    [InlineData("/home/user/cache", "write /user/cache")]
    [InlineData("*", "leaves everything out")]
    [InlineData("!", "clears rsync's list")]
    [InlineData("+ x", "among the includes")]
    [InlineData("- x", "among the excludes")]
    [InlineData("~/cache", "there is no shell")]
    [InlineData("$HOME/cache", "there is no shell")]
    public async Task Exclude_ThatDoesSomethingElse_IsRefusedWithWhatIsMeant(string exclude, string says)
    {
        await using var coordinator = await TestCoordinator.StartAsync();

        var refused = await Assert.ThrowsAsync<RpcException>(() => coordinator.ApplyAsync(TestPolicies.New(change: spec =>
        {
            spec.Action.Rsync.Source.Path = ByteString.CopyFromUtf8("/home");
            spec.Action.Rsync.Excludes.Add(exclude);
        })));

        Assert.Equal(StatusCode.InvalidArgument, refused.StatusCode);
        Assert.Contains("excludes[0]", refused.Status.Detail, StringComparison.Ordinal);
        Assert.Contains(says, refused.Status.Detail, StringComparison.Ordinal);
    }
}
