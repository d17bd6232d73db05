using System.Diagnostics;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Grpc.Net.Client;

namespace Fleet.LoadGenerator;

/// <summary>The measurements, one after the other on the same coordinator and the same open sessions.</summary>
internal sealed class Measurements(LoadOptions options, CoordinatorProcess coordinator, Credential credential, RunTimes runTimes)
{
    private readonly Metadata _bearer = new() { { "authorization", $"Bearer {credential.BearerToken}" } };

    public async Task<string> CreateTokenAsync(GrpcChannel channel)
    {
        var answer = await new AdminService.AdminServiceClient(channel).CreateJoinTokenAsync(
            new CreateJoinTokenRequest
            {
                MaxUses = Math.Min(options.Agents, 1000),
                Lifetime = Duration.FromTimeSpan(TimeSpan.FromHours(1)),
                RequestId = Guid.NewGuid().ToString(),
            },
            _bearer);
        return string.Join('.', answer.Secret.Split('.').Take(3));
    }

    public async Task SteadyAsync()
    {
        await using var peer = options.Prometheus is null ? null : await PrometheusPeer.StartAsync(options, CancellationToken.None);
        await Task.Delay(TimeSpan.FromSeconds(options.IntervalSeconds * (peer is null ? 1 : 3)));
        var cpu = coordinator.CpuTime();
        var (peerCpu, scrapes) = (peer?.CpuTime() ?? default, peer?.Scrapes ?? 0);
        var clock = Stopwatch.StartNew();
        await Task.Delay(TimeSpan.FromSeconds(options.MeasureSeconds));
        cpu = coordinator.CpuTime() - cpu;
        var elapsed = clock.Elapsed;
        var (resident, anonymous) = coordinator.Memory();
        var perSample = cpu.TotalMicroseconds / (options.Agents * options.Series * (elapsed.TotalSeconds / options.IntervalSeconds));
        Console.WriteLine(
            $"steady: {options.Agents} agents x {options.Series} series / {options.IntervalSeconds} s: {cpu / elapsed:p1} of one core, "
                + $"{perSample:f2} µs a sample; resident {Mebibytes(resident)}, anonymous {Mebibytes(anonymous)}");
        if (peer is not null)
        {
            scrapes = peer.Scrapes - scrapes;
            peerCpu = peer.CpuTime() - peerCpu;
            var peerPerSample = peerCpu.TotalMicroseconds / (scrapes * options.Series);
            Console.WriteLine(
                $"Prometheus, at the same time: {scrapes} scrapes: {peerCpu / elapsed:p1} of one core, {peerPerSample:f2} µs a sample; "
                    + $"ratio {perSample / peerPerSample:f2}");
        }
    }

    public async Task SameInstantAsync(GrpcChannel channel)
    {
        runTimes.Clear();
        var fleet = new FleetService.FleetServiceClient(channel);
        const int Instants = 3;
        await fleet.ApplyPoliciesAsync(
            new ApplyPoliciesRequest
            {
                Policies =
                {
                    new PolicySpec
                    {
                        Name = "same-instant",
                        Target = new PolicyTarget { MatchLabels = { ["load"] = "true" } },
                        Schedule = new Schedule { Every = Duration.FromTimeSpan(TimeSpan.FromSeconds(20)), Spread = new Duration() },
                        Action = new Fleet.Protocol.V1.Action { Command = new CommandAction { Program = "/bin/true" } },
                    },
                },
            },
            _bearer);
        var clock = Stopwatch.StartNew();
        while (runTimes.Count < options.Agents * Instants && clock.Elapsed < TimeSpan.FromSeconds(180))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200));
        }

        var received = runTimes.Count;
        await fleet.DeletePolicyAsync(new DeletePolicyRequest { Name = "same-instant" }, _bearer);
        Console.WriteLine($"same instant: {options.Agents} hosts, {received} starts over {Instants} instants: "
            + $"instant to start p50 {runTimes.Quantile(0.5).TotalMilliseconds:f0} ms, p99 {runTimes.Quantile(0.99).TotalMilliseconds:f0} ms, "
            + $"longest {runTimes.Quantile(1).TotalMilliseconds:f0} ms");
    }

    public async Task EventsAsync(GrpcChannel channel, IReadOnlyList<SimulatedAgent> agents)
    {
        var before = await LastEventAsync(channel);
        var cpu = coordinator.CpuTime();
        var clock = Stopwatch.StartNew();
        await Task.WhenAll(agents.Select(a => a.SendNoticesAsync(options.Notices)));
        var seconds = clock.Elapsed.TotalSeconds;
        cpu = coordinator.CpuTime() - cpu;
        var appended = await LastEventAsync(channel) - before;
        Console.WriteLine($"events appended: {appended} in {seconds:f1} s = {appended / seconds:n0}/s, durable and acknowledged, from {agents.Count} agents; "
            + $"{cpu.TotalMicroseconds / appended:f0} µs of CPU each");

        clock.Restart();
        var replayed = 0L;
        using (var call = new EventService.EventServiceClient(channel).Subscribe(new SubscribeRequest { ReplayOnly = true }, _bearer))
        {
            while (await call.ResponseStream.MoveNext(CancellationToken.None))
            {
                replayed += call.ResponseStream.Current.KindCase == SubscribeResponse.KindOneofCase.Event ? 1 : 0;
            }
        }

        Console.WriteLine(
            $"events replayed: {replayed} in {clock.Elapsed.TotalSeconds:f1} s = {replayed / clock.Elapsed.TotalSeconds:n0}/s");
        await FanOutAsync(channel, agents);
    }

    private async Task FanOutAsync(GrpcChannel channel, IReadOnlyList<SimulatedAgent> agents)
    {
        var start = await LastEventAsync(channel);
        var expected = agents.Count * (long)options.Notices;
        var cpu = coordinator.CpuTime();
        var clock = Stopwatch.StartNew();
        var subscribers = Enumerable.Range(0, options.Subscribers).Select(_ => Task.Run(async () =>
        {
            using var own = PinnedChannel.Open(coordinator.Address, credential.Authority);
            using var call = new EventService.EventServiceClient(own).Subscribe(
                new SubscribeRequest { AfterSequence = start, Types_ = { "agent.load_measured" } },
                _bearer,
                TimeProvider.System.GetUtcNow().UtcDateTime.AddMinutes(5));
            var seen = 0L;
            while (seen < expected && await call.ResponseStream.MoveNext(CancellationToken.None))
            {
                seen += call.ResponseStream.Current.KindCase == SubscribeResponse.KindOneofCase.Event ? 1 : 0;
            }

            return seen;
        })).ToList();
        await Task.WhenAll(agents.Select(a => a.SendNoticesAsync(options.Notices)));
        var appendedAfter = clock.Elapsed;
        var delivered = (await Task.WhenAll(subscribers)).Sum();
        cpu = coordinator.CpuTime() - cpu;
        Console.WriteLine($"events fanned out: {expected} events to {options.Subscribers} subscribers, {delivered} deliveries in {clock.Elapsed.TotalSeconds:f1} s "
            + $"= {delivered / clock.Elapsed.TotalSeconds:n0}/s (the last event was appended after {appendedAfter.TotalSeconds:f1} s); "
            + $"{cpu.TotalMicroseconds / delivered:f1} µs of CPU each");
    }

    private async Task<long> LastEventAsync(GrpcChannel channel) =>
        (await new FleetService.FleetServiceClient(channel).GetStatusAsync(new GetStatusRequest(), _bearer)).LastEventSequence;

    private static string Mebibytes(long bytes) => $"{bytes / 1024.0 / 1024.0:f0} MiB";
}
