using Fleet.Coordinator.Actions;
using Fleet.Coordinator.Alerts;
using Fleet.Coordinator.State.Events;
using Fleet.Coordinator.State.Hosts;
using Fleet.Coordinator.State.Policies;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.Policies;

/// <summary>
/// Notices copies that have got several writers since their policies were applied, because a host joined or its labels changed. Nothing is
/// stopped, since each of them may be the only copy; destination owners protect the data on the hosts. A restart reports them again.
/// </summary>
internal sealed partial class DestinationWatch(FleetStore store, TimeProvider clock, ILogger<DestinationWatch> log)
    : BackgroundService, IAttentionSource
{
    /// <summary>Most collisions that are reported at once; these show who else is involved.</summary>
    private const int MostTold = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromMinutes(1);

    private volatile IReadOnlyDictionary<Overlap, DateTimeOffset> _told = new Dictionary<Overlap, DateTimeOffset>();
    private ((long, long) Hosts, (long, long) Policies) _seen = ((-1, -1), (-1, -1));

    public ValueTask<IReadOnlyList<Attention>> CollectAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<Attention>>([.. _told.Select(static one => new Attention
        {
            Severity = AttentionSeverity.Warning,
            Code = "destinations_overlap",
            Policy = one.Key.Policy,
            Message = one.Key.Message,
            WhatToDo = $"change the target or the destination of one of them and apply it: fleet policies {one.Key.Policy}",
            Since = Timestamp.FromDateTimeOffset(one.Value),
        })]);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Pause, clock);
        do
        {
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (StoreException exception)
            {
                DestinationWatchFailed(log, exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var state = await store.ReadAsync(StateOf, cancellationToken);
        if (state == _seen)
        {
            return;
        }

        var (specs, hosts) = await store.ReadAsync(
            static reader => (PolicyStore.All(reader).Select(static policy => policy.Spec).ToList(), HostStore.LabelsByName(reader)),
            cancellationToken);
        var found = Overlaps(specs, hosts).Distinct().Take(MostTold).ToHashSet();
        var before = _told;
        var now = clock.GetUtcNow();
        var began = found.Where(one => !before.ContainsKey(one)).ToList();
        var ended = before.Keys.Where(one => !found.Contains(one)).ToList();
        if (began.Count + ended.Count > 0)
        {
            await store.WriteAsync(
                transaction =>
                {
                    began.ForEach(one => Tell(transaction, one, EventTypes.PolicyDestinationsOverlap, EventSeverity.Warning, one.Message));
                    ended.ForEach(one =>
                        Tell(transaction, one, EventTypes.PolicyDestinationsApart, EventSeverity.Info, $"no longer: {one.Message}"));
                },
                cancellationToken);
        }

        _told = found.ToDictionary(static one => one, one => before.TryGetValue(one, out var since) ? since : now);
        _seen = state;
    }

    private static IEnumerable<Overlap> Overlaps(
        IReadOnlyCollection<PolicySpec> specs, IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> hosts) =>
    [
        .. DestinationCollisions.Between(specs, hosts)
            .Where(static pair => pair.One.Policy != pair.Other.Policy)
            .Select(static pair => new Overlap(
                pair.One.Policy, pair.Other.Policy, $"the destination of {pair.One.Policy} "
                    + $"{DestinationCollisions.Describe(pair.One, pair.Other)}")),
        .. DestinationCollisions.SharedByHosts(specs, hosts).Select(static shared => new Overlap(
            shared.Policy,
            shared.Policy,
            $"{shared.Policy} writes to {Destination.Shown(shared.Destination.Path)} {shared.Destination.PlaceName} from "
            + $"{shared.Hosts.Count} hosts, of which each overwrites the others: write {{host}} into the path")),
    ];

    /// <summary>Changes whenever a policy or the labels of a host change; nothing is compared while it stays the same.</summary>
    private static ((long, long) Hosts, (long, long) Policies) StateOf(StoreReader reader) =>
        (HostStore.Fingerprint(reader), PolicyStore.Fingerprint(reader));

    private static void Tell(StoreTransaction transaction, Overlap overlap, string type, EventSeverity severity, string message) =>
        EventAppender.Append(transaction, new NewEvent(type, severity, message)
        {
            Policy = overlap.Policy,
            Attributes = new Dictionary<string, string> { ["other"] = overlap.Other },
        });

    private sealed record Overlap(string Policy, string Other, string Message);
}
