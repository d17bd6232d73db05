using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Fleet.Testing;
using Google.Protobuf;

namespace Fleet.Coordinator.Tests.Policies;

public sealed class DestinationWatchTests
{
    [Fact]
    public async Task LabelsThatBringTwoWritersTogether_AreToldAndNeedAttention_UntilTheyAreApart()
    {
        var clock = new FakeTimeProvider();
        await using var coordinator = await TestCoordinator.StartAsync(clock);
        var nas = await coordinator.EnrolAsync("nas");
        await coordinator.ApplyAsync(Into("photos", "role", "photos"), Into("films", "site", "a"));
        await using var first = await nas.OpenAsync(hello => hello.Labels.Add("role", "photos"));
        await coordinator.SettleAsync();
        Assert.Empty(await coordinator.AllEventsAsync(0, "policy.destinations_overlap"));

        await using var second = await nas.OpenAsync(hello =>
        {
            hello.Labels.Add("role", "photos");
            hello.Labels.Add("site", "a");
        });
        var told = await UntilAsync(coordinator, clock, "policy.destinations_overlap");
        Assert.Equal(["films", "photos"], new[] { told.Policy, told.Attributes["other"] }.Order());
        Assert.Contains("/backup/media on nas", told.Message, StringComparison.Ordinal);
        var attention = (await coordinator.Fleet.GetStatusAsync(new GetStatusRequest())).Attention;
        Assert.Equal(told.Message, Assert.Single(attention, item => item.Code == "destinations_overlap").Message);

        await using var third = await nas.OpenAsync(hello => hello.Labels.Add("site", "a"));
        await UntilAsync(coordinator, clock, "policy.destinations_apart");
        Assert.Single(await coordinator.AllEventsAsync(0, "policy.destinations_overlap"));
        Assert.DoesNotContain(
            (await coordinator.Fleet.GetStatusAsync(new GetStatusRequest())).Attention, item => item.Code == "destinations_overlap");
    }

    [Fact]
    public async Task RemotePathOfSeveralHosts_StoredByAnEarlierRelease_IsTold()
    {
        var clock = new FakeTimeProvider();
        await using var coordinator = await TestCoordinator.StartAsync(clock);
        await coordinator.EnrolAsync("web1");
        var push = TestPolicies.New("push", spec =>
        {
            spec.Action.Rsync.Destination = new RsyncEndpoint
            {
                Path = ByteString.CopyFromUtf8("logs"),
                Daemon = new RsyncDaemonRemote { Host = "backup.example.com", Module = "logs" },
            };
            spec.Target = new PolicyTarget { Hosts = { "web1" } };
        });
        await coordinator.ApplyAsync(push);
        push.Target = new PolicyTarget { MatchLabels = { ["role"] = "web" } };
        await coordinator.Store.WriteAsync(transaction => transaction.Execute(
            "UPDATE policies SET spec_proto = $spec, revision = 2 WHERE name = 'push'", ("$spec", push.ToByteArray())));
        await coordinator.EnrolAsync("web2", ("role", "web"));
        await coordinator.EnrolAsync("web3", ("role", "web"));

        var told = await UntilAsync(coordinator, clock, "policy.destinations_overlap");

        Assert.Equal(("push", "push"), (told.Policy, told.Attributes["other"]));
        Assert.Contains("from 2 hosts", told.Message, StringComparison.Ordinal);
    }

    private static PolicySpec Into(string name, string label, string value) => TestPolicies.New(name, spec =>
    {
        spec.Action.Rsync.Destination.Path = ByteString.CopyFromUtf8("/backup/media");
        spec.Target = new PolicyTarget { MatchLabels = { [label] = value } };
    });

    private static async Task<Event> UntilAsync(TestCoordinator coordinator, FakeTimeProvider clock, string type) =>
        (await Eventually.GetAsync(
                async () =>
                {
                    clock.Advance(TimeSpan.FromSeconds(10));
                    await coordinator.SettleAsync();
                    return await coordinator.AllEventsAsync(0, type);
                },
                static events => events.Count > 0,
                type)
        )[^1];
}
