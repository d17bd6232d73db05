using Fleet.Protocol.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.Tests.Rig;

/// <summary>Policies for tests.</summary>
internal static class TestPolicies
{
    /// <summary>Mirrors a tree on every host; on demand unless changed.</summary>
    public static PolicySpec New(string name = "photos", Action<PolicySpec>? change = null)
    {
        var spec = new PolicySpec
        {
            Name = name,
            Target = new PolicyTarget { MatchLabels = { ["fleet.io/all"] = "true" } },
            Action = new Protocol.V1.Action
            {
                Rsync = new RsyncAction
                {
                    Source = new RsyncEndpoint { Path = ByteString.CopyFromUtf8("/srv/photos") },
                    Destination = new RsyncEndpoint { Path = ByteString.CopyFromUtf8($"/backup/{name}") },
                    Mode = RsyncMode.Mirror,
                },
            },
        };
        change?.Invoke(spec);
        return spec;
    }

    public static PolicySpec Every(TimeSpan interval, string name = "photos", Action<PolicySpec>? change = null) =>
        New(name, spec =>
        {
            spec.Schedule = new Schedule { Every = Duration.FromTimeSpan(interval), Spread = Duration.FromTimeSpan(TimeSpan.Zero) };
            change?.Invoke(spec);
        });

    public static async Task ApplyAsync(this TestCoordinator coordinator, params PolicySpec[] specs)
    {
        var request = new ApplyPoliciesRequest();
        request.Policies.AddRange(specs);
        await coordinator.Fleet.ApplyPoliciesAsync(request);
    }

    public static async Task<Run> StartAsync(this TestCoordinator coordinator, string policy, params string[] hosts)
    {
        var request = new StartRunRequest { Policy = policy, RequestId = Guid.NewGuid().ToString() };
        request.Hosts.AddRange(hosts);
        return Assert.Single((await coordinator.Fleet.StartRunAsync(request)).Runs);
    }
}
