using Fleet.Coordinator.State.Events;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Hosts;

/// <summary>Notes that a second machine uses the identity of a host.</summary>
internal static class DuplicateIdentity
{
    /// <summary>A machine that is refused repeatedly causes one alert within this time.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(10);

    /// <summary>Records that a second machine came with this identity while the first one answered.</summary>
    public static void Found(
        StoreTransaction transaction,
        HostRow host,
        Hello second,
        string secondAddress,
        string firstAddress,
        string firstMachineIdHash)
    {
        var detail = $"connected from {firstAddress}; refused from {secondAddress}";
        HostStore.SetDuplicate(transaction, host.HostId, detail);
        if (host.DuplicateAt is { } before && host.DuplicateDetail == detail && transaction.Now - before < Quiet)
        {
            return;
        }

        EventAppender.Append(transaction, new NewEvent(
            EventTypes.HostDuplicateIdentity, EventSeverity.Error, $"two machines use the identity of {host.Name}: {detail}")
        {
            HostId = host.HostId,
            HostName = host.Name,
            Attributes = new Dictionary<string, string>
            {
                ["address"] = firstAddress,
                ["machine_id_hash"] = firstMachineIdHash,
                ["refused_address"] = secondAddress,
                ["refused_machine_id_hash"] = second.Facts?.MachineIdHash ?? "",
                ["refused_host_name"] = second.HostName,
            },
        });
    }
}
