using Fleet.Coordinator.Alerts;
using Fleet.Coordinator.State.Hosts;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.Limits;

/// <summary>Finds hosts that are over a budget whose loss is worse than log lines.</summary>
internal sealed class BudgetAttention(FleetStore store, HostBudgets budgets) : IAttentionSource
{
    public async ValueTask<IReadOnlyList<Attention>> CollectAsync(CancellationToken cancellationToken)
    {
        var episodes = budgets.Episodes().Where(found => found.Budget is not (Budget.LogLines or Budget.Progress)).ToList();
        return episodes.Count == 0
            ? []
            : await store.ReadAsync(
                reader => (IReadOnlyList<Attention>)[.. episodes.Select(found => Of(reader, found)).OfType<Attention>()],
                cancellationToken);
    }

    private static Attention? Of(StoreReader reader, (string HostId, Budget Budget, Episode Episode) found) =>
        HostStore.FindById(reader, found.HostId) is not { RemovedAt: null } host
            ? null
            : new Attention
            {
                Severity = AttentionSeverity.Warning,
                Code = "host_over_budget",
                HostId = host.HostId,
                HostName = host.Name,
                Message = $"{host.Name} sends more {HostBudgets.Noun(found.Budget)} than one host may ({found.Episode.Amount} so "
                    + $"far): {HostBudgets.Consequence(found.Budget)}",
                WhatToDo = $"look at what {host.Name} does (fleet events --host {host.Name}, fleet runs --host {host.Name}); " +
                    $"if somebody else has its key: fleet host remove {host.Name}",
                Since = Timestamp.FromDateTimeOffset(found.Episode.Since),
            };
}
