using Fleet.Actions;
using Fleet.Coordinator.Alerts;
using Fleet.Coordinator.State.Policies;
using Fleet.Coordinator.State.Runs;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.Policies;

/// <summary>Finds policies that do not protect what they should.</summary>
internal sealed class PolicyAttention(FleetStore store, TimeProvider clock) : IAttentionSource
{
    public async ValueTask<IReadOnlyList<Attention>> CollectAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        return await store.ReadAsync(
            reader =>
            {
                var specs = PolicyStore.All(reader).ToDictionary(policy => policy.Spec.Name, policy => policy.Spec);
                return ProtectionStore.All(reader)
                    .Where(row => specs.ContainsKey(row.Policy))
                    .Select(row => Of(reader, specs[row.Policy], row, now))
                    .OfType<Attention>()
                    .ToList();
            },
            cancellationToken);
    }

    private static Attention? Of(StoreReader reader, PolicySpec spec, PolicyHostRow row, DateTimeOffset now)
    {
        var state = ProtectionRules.StateOf(spec, row.AssignedAt, row.LastSuccessAt, row.LastFailed, now);
        if (!ProtectionRules.IsAlert(state))
        {
            return null;
        }

        var last = row.LastRunId.Length == 0 ? null : RunStore.Find(reader, row.LastRunId);
        var because = last?.Result is { Message.Length: > 0 } result ? $": {result.Message}" : "";
        var (severity, code, message) = state switch
        {
            ProtectionState.Failing => (AttentionSeverity.Warning,
                "policy_failing",
                $"{row.Policy} does not succeed on {row.HostName}{because}"),
            ProtectionState.Stale => (AttentionSeverity.Critical,
                "policy_stale",
                $"{row.Policy} on {row.HostName} has no success newer than {row.LastSuccessAt?.UtcDateTime:yyyy-MM-dd HH:mm}Z{because}"),
            _ => (AttentionSeverity.Critical, "policy_never_ran", $"{row.Policy} has never succeeded on {row.HostName}{because}"),
        };
        return new Attention
        {
            Severity = severity,
            Code = code,
            HostId = row.HostId,
            HostName = row.HostName,
            Policy = row.Policy,
            RunId = row.LastRunId,
            Message = message,
            WhatToDo = WhatToDo(spec, row, last),
            Since = Timestamp.FromDateTimeOffset(state == row.State ? row.Since : now),
        };
    }

    private static string WhatToDo(PolicySpec spec, PolicyHostRow row, RunRow? last) => last switch
    {
        _ when spec.Action.IsDryRun => "its action is a dry run, which protects nothing: take dry_run out of the policy and apply it",
        null => $"it has not been started there yet: check that {row.HostName} is online, or start it: fleet run {row.Policy} --host "
            + $"{row.HostName}",
        { State: RunState.Refused } => Refusals.WhatToDo(last.Result, row.HostName, last.RunId[..8]),
        { State: RunState.Queued or RunState.Dispatched } => $"its run {last.RunId[..8]} waits: fleet run show {last.RunId[..8]} says "
            + "for what",
        { State: RunState.Running } => $"its run {last.RunId[..8]} is running: fleet logs -f {last.RunId[..8]}",
        _ => $"fleet run show {last.RunId[..8]} and fleet logs {last.RunId[..8]} say why; then fleet run {row.Policy} --host "
            + $"{row.HostName}",
    };
}
