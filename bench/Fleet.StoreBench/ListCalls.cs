using Fleet.LoadGenerator;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Fleet.StoreBench;

/// <summary>Every list call of the three services, with its filters. An entry tells how many it got.</summary>
internal sealed class ListCalls(ChannelBase channel, Credential credential)
{
    private const string Host = "host-0007";
    private const string Policy = "policy-07";

    private readonly FleetService.FleetServiceClient _fleet = new(channel);
    private readonly EventService.EventServiceClient _events = new(channel);
    private readonly AdminService.AdminServiceClient _admin = new(channel);
    private readonly Metadata _headers = new() { { "authorization", $"Bearer {credential.BearerToken}" } };

    public IEnumerable<(string Name, Func<Task<int>> Call)> All()
    {
        yield return ("status", async () => (await _fleet.GetStatusAsync(new GetStatusRequest(), _headers)).Attention.Count);
        yield return ("hosts", async () => (await _fleet.ListHostsAsync(new ListHostsRequest(), _headers)).Hosts.Count);
        yield return ("hosts, offline", async () =>
            (await _fleet.ListHostsAsync(new ListHostsRequest { State = HostState.Offline }, _headers)).Hosts.Count);
        yield return ("policies", async () => (await _fleet.ListPoliciesAsync(new ListPoliciesRequest(), _headers)).Policies.Count);
        var week = Timestamp.FromDateTimeOffset(TimeProvider.System.GetUtcNow().AddDays(-7));
        RunState[][] states =
        [
            [],
            [RunState.Succeeded],
            [RunState.Refused],
            [RunState.Failed, RunState.TimedOut],
            [RunState.Queued, RunState.Running],
        ];
        foreach (var host in (string[])["", Host])
        {
            foreach (var policy in (string[])["", Policy])
            {
                foreach (var some in states)
                {
                    foreach (var since in (Timestamp?[])[null, week])
                    {
                        var request = new ListRunsRequest { Host = host, Policy = policy, Since = since, States = { some } };
                        var name = $"runs{(host.Length > 0 ? " --host" : "")}{(policy.Length > 0 ? " --policy" : "")}" +
                            $"{(some.Length > 0 ? $" --state {string.Join(',', some)}" : "")}{(since is null ? "" : " --since")}";
                        yield return (name, async () => (await _fleet.ListRunsAsync(request, _headers)).Runs.Count);
                    }
                }
            }
        }

        yield return ("runs, a further page", () => DeepAsync(100));
        string[] types = ["policy.failing", "run.failed", "policy.*", "nothing.such"];
        foreach (var type in types)
        {
            yield return ($"events --type {type}", () => EventsAsync(new SubscribeRequest { Types_ = { type } }));
        }

        yield return ("events --type run.succeeded, first 500", () =>
            EventsAsync(new SubscribeRequest { Types_ = { "run.succeeded" } }, 500));
        yield return ("events --host, first 500", () => EventsAsync(new SubscribeRequest { Hosts = { Host } }, 500));
        yield return ("events --policy, first 500", () => EventsAsync(new SubscribeRequest { Policies = { Policy } }, 500));
        yield return ("events --host --type run.failed", () =>
            EventsAsync(new SubscribeRequest { Hosts = { Host }, Types_ = { "run.failed" } }));
        yield return ("events --policy --type run.failed", () =>
            EventsAsync(new SubscribeRequest { Policies = { Policy }, Types_ = { "run.failed" } }));
        yield return ("events --host --policy --type run.failed", () => EventsAsync(
                new SubscribeRequest
                {
                    Hosts = { Host },
                    Policies = { Policy },
                    Types_ = { "run.failed" },
                }));
        var status = _fleet.GetStatus(new GetStatusRequest(), _headers);
        yield return ("events, last 50", () => EventsAsync(new SubscribeRequest { AfterSequence = status.LastEventSequence - 50 }));
        yield return ("snapshots", () => SnapshotsAsync(new ListSnapshotsRequest()));
        yield return ("snapshots, gone too", () => SnapshotsAsync(new ListSnapshotsRequest { IncludeGone = true }));
        yield return ("snapshots --host", () => SnapshotsAsync(new ListSnapshotsRequest { Host = Host }));
        yield return ("snapshots --policy", () => SnapshotsAsync(new ListSnapshotsRequest { Policy = Policy }));
        yield return ("snapshots --policy, none", () => SnapshotsAsync(new ListSnapshotsRequest { Policy = "no-such" }));
        yield return ("snapshots --of", () => SnapshotsAsync(new ListSnapshotsRequest { Of = "tank/data3" }));
        yield return ("snapshots --of, none", () => SnapshotsAsync(new ListSnapshotsRequest { Of = "tank/none" }));
        yield return ("snapshots --at", () => SnapshotsAsync(new ListSnapshotsRequest { At = week }));
        yield return ("snapshots --host --at", () => SnapshotsAsync(new ListSnapshotsRequest { Host = Host, At = week }));
        yield return ("audit", async () => (await _admin.ListAuditAsync(new ListAuditRequest(), _headers)).Entries.Count);
        yield return ("audit --who admin", async () =>
            (await _admin.ListAuditAsync(new ListAuditRequest { Who = "admin" }, _headers)).Entries.Count);
        yield return ("audit --who nobody", async () =>
            (await _admin.ListAuditAsync(new ListAuditRequest { Who = "nobody" }, _headers)).Entries.Count);
        yield return ("operators", async () => (await _admin.ListOperatorsAsync(new ListOperatorsRequest(), _headers)).Operators.Count);
        yield return ("join tokens", async () => (await _admin.ListJoinTokensAsync(new ListJoinTokensRequest(), _headers)).Tokens.Count);
    }

    private async Task<int> SnapshotsAsync(ListSnapshotsRequest request) =>
        (await _fleet.ListSnapshotsAsync(request, _headers)).Snapshots.Count;

    private async Task<int> EventsAsync(SubscribeRequest request, int most = int.MaxValue)
    {
        request.ReplayOnly = true;
        using var call = _events.Subscribe(request, _headers);
        var count = 0;
        while (count < most && await call.ResponseStream.MoveNext(CancellationToken.None))
        {
            count += call.ResponseStream.Current.Event is null ? 0 : 1;
        }

        return count;
    }

    /// <summary>One page far behind the newest runs, by a token as paging gives it.</summary>
    private async Task<int> DeepAsync(int size)
    {
        var page = _deep ??= (await _fleet.ListRunsAsync(new ListRunsRequest { PageSize = 1_000 }, _headers)).NextPageToken;
        return (await _fleet.ListRunsAsync(new ListRunsRequest { PageSize = size, PageToken = page }, _headers)).Runs.Count;
    }

    private string? _deep;
}
