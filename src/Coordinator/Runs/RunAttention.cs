using Fleet.Coordinator.Alerts;
using Fleet.Coordinator.State.Runs;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.Runs;

/// <summary>Finds runs that do not end.</summary>
internal sealed class RunAttention(FleetStore store) : IAttentionSource
{
    public async ValueTask<IReadOnlyList<Attention>> CollectAsync(CancellationToken cancellationToken) =>
        await store.ReadAsync(
            static reader => RunStore.Overdue(reader).ConvertAll(Of),
            cancellationToken);

    private static Attention Of(RunRow run) => new()
    {
        Severity = AttentionSeverity.Critical,
        Code = "run_overdue",
        HostId = run.HostId,
        HostName = run.HostName,
        Policy = run.Policy,
        RunId = run.RunId,
        Message = $"{run.Title} on {run.HostName} is still running after its time limit of {run.Timeout}",
        WhatToDo = $"on {run.HostName}: look for a hung disk or network mount (ps -eo pid,stat,wchan,args | grep ' D'); restarting "
            + "fleet-agent ends the run, unless the kernel holds its tool",
        Since = Timestamp.FromDateTimeOffset(run.OverdueAt!.Value),
    };
}
