using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;

namespace Fleet.LoadGenerator.Flood;

/// <summary>
/// Attacks a coordinator in every known way, one after the other, while another host's agent sends a small result ten times a second.
/// </summary>
/// <param name="measured">Gets the figures of each way as soon as it is over.</param>
internal sealed class FloodRun(FloodOptions options, Action<FloodFigures>? measured = null)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>What each way did, in their order.</summary>
    /// <exception cref="InvalidOperationException">The coordinator ended, or does not answer any more.</exception>
    public async Task<List<FloodFigures>> RunAsync()
    {
        await using var coordinator = await CoordinatorProcess.StartAsync(options.Program, CancellationToken.None, options.Descriptors);
        var credential = Credential.Read(coordinator.CredentialPath);
        using var channel = PinnedChannel.Open(coordinator.Address, credential.Authority);
        var bearer = new Metadata { { "authorization", $"Bearer {credential.BearerToken}" } };
        var token = await TokenAsync(channel, bearer);
        var figures = new List<FloodFigures>();
        try
        {
            var bystander = await HostAsync(coordinator, credential, token, 0);
            await using (bystander)
            {
                using var end = new CancellationTokenSource();
                var ticking = bystander.TickAsync(Pause, end.Token);
                foreach (var (name, attack) in Ways(coordinator, credential, token))
                {
                    figures.Add(await MeasureAsync(coordinator, bystander, name, attack));
                    measured?.Invoke(figures[^1]);
                }

                await end.CancelAsync();
                await ticking;
            }

            await AskEverythingAsync(channel, bearer);
        }
        catch (Exception exception) when (exception is RpcException or TimeoutException or IOException)
        {
            throw new InvalidOperationException(
                $"the coordinator {(coordinator.HasExited ? "has ended" : "does not answer")}: {exception.Message}\n{coordinator.Newest()}",
                exception);
        }

        return figures;
    }

    private IEnumerable<(string Name, Func<Task> Attack)> Ways(CoordinatorProcess coordinator, Credential credential, string token)
    {
        var number = 1;
        Func<Task> Host(Func<FloodHost, Task> attack) => async () =>
        {
            await using var host = await HostAsync(coordinator, credential, token, number++);
            await attack(host);
        };

        yield return ("nothing", () => Task.Delay(options.Phase));
        yield return ("log lines", Host(host => host.LogLinesAsync(options.Phase)));
        yield return ("notices", Host(host => host.NoticesAsync(options.Phase)));
        yield return ("invented runs", Host(host => host.ResultsAsync(options.Phase, 1_000)));
        yield return ("3 MB results", Host(host => host.ResultsAsync(options.Phase, 3_000_000)));
        yield return ("4 MiB entries", Host(host => host.ResultsAsync(options.Phase, (4 * 1024 * 1024) - 20_000)));
        yield return ("slow messages", () => Strangers.TrickleAsync(coordinator.Address, options.Streams, options.Phase));
        yield return ("refused calls", async () =>
        {
            using var stranger = PinnedChannel.Open(coordinator.Address, credential.Authority);
            await Strangers.RefusedCallsAsync(stranger, options.RefusedCalls);
        }
        );
        yield return ("idle connections", () => Strangers.IdleAsync(coordinator.Address, options.Descriptors + 100, options.Phase));
    }

    private async Task<FloodFigures> MeasureAsync(CoordinatorProcess coordinator, FloodHost bystander, string name, Func<Task> attack)
    {
        bystander.TakeLatencies();
        var (database, lines) = (coordinator.DatabaseBytes(), coordinator.LogLines);
        var peak = 0L;
        using var end = new CancellationTokenSource();
        var watching = Task.Run(async () =>
        {
            while (!end.IsCancellationRequested && !coordinator.HasExited)
            {
                peak = Math.Max(peak, coordinator.Memory().Resident);
                await Task.Delay(Pause);
            }
        });
        await attack();
        await Task.Delay(options.Rest);
        await end.CancelAsync();
        await watching;
        if (coordinator.HasExited)
        {
            throw new InvalidOperationException($"the coordinator has ended under \"{name}\"\n{coordinator.Newest()}");
        }

        var latencies = bystander.TakeLatencies();
        latencies.Sort();
        return new FloodFigures(
            name, peak, coordinator.Memory().Resident, coordinator.DatabaseBytes() - database, coordinator.LogLines - lines, latencies);
    }

    private static async Task<string> TokenAsync(GrpcChannel channel, Metadata bearer)
    {
        var answer = await new AdminService.AdminServiceClient(channel).CreateJoinTokenAsync(
            new CreateJoinTokenRequest
            {
                MaxUses = 20,
                Lifetime = Duration.FromTimeSpan(TimeSpan.FromHours(1)),
                RequestId = Guid.NewGuid().ToString(),
            },
            bearer);
        return string.Join('.', answer.Secret.Split('.').Take(3));
    }

    private static async Task<FloodHost> HostAsync(CoordinatorProcess coordinator, Credential credential, string token, int number)
    {
        var identity = await AgentIdentity.EnrolAsync(coordinator.Address, credential.Authority, token, number, CancellationToken.None);
        return await FloodHost.ConnectAsync(coordinator.Address, credential.Authority, identity);
    }

    /// <summary>Every list answers to its end, within the message size that clients take by default.</summary>
    private static async Task AskEverythingAsync(GrpcChannel channel, Metadata bearer)
    {
        var fleet = new FleetService.FleetServiceClient(channel);
        CallOptions Options() => new(bearer, TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(30));
        await fleet.GetStatusAsync(new GetStatusRequest(), Options());
        await fleet.ListHostsAsync(new ListHostsRequest { PageSize = 1_000 }, Options());
        await fleet.ListPoliciesAsync(new ListPoliciesRequest { PageSize = 1_000 }, Options());
        await fleet.ListSnapshotsAsync(new ListSnapshotsRequest { PageSize = 1_000 }, Options());
        await new AdminService.AdminServiceClient(channel).ListAuditAsync(new ListAuditRequest { PageSize = 1_000 }, Options());
        var runs = new ListRunsRequest { PageSize = 1_000 };
        string? longest = null;
        do
        {
            var page = await fleet.ListRunsAsync(runs, Options());
            longest ??= page.Runs.FirstOrDefault(static run => run.State == RunState.Running)?.RunId;
            runs.PageToken = page.NextPageToken;
        }
        while (runs.PageToken.Length > 0);

        var log = new ListRunLogRequest { RunId = longest ?? "", PageSize = 1_000 };
        while (longest is not null)
        {
            log.PageToken = (await fleet.ListRunLogAsync(log, Options())).NextPageToken;
            if (log.PageToken.Length == 0)
            {
                return;
            }
        }
    }
}
