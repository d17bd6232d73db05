using Fleet.Coordinator.Edge;
using Fleet.Coordinator.Errors;
using Fleet.Coordinator.State.Events;
using Fleet.Coordinator.State.Hosts;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Coordinator.Hosts;

/// <summary>Two machines with one identity: noted when the second one is refused, and cleared by a person, or by time (<see cref="HostAttention"/>).</summary>
internal sealed class DuplicateIdentities(SqliteStore store)
{
    /// <summary>A machine that is refused again and again is one alert within this time.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMinutes(10);

    /// <summary>The copy is gone, says a person. One that comes again is told anew, at once.</summary>
    /// <exception cref="RpcException">Unknown host, or a note that is too long.</exception>
    public Task<ClearDuplicateIdentityResponse> ClearAsync(ClearDuplicateIdentityRequest request, string by, CancellationToken cancellationToken)
    {
        RequestRules.Text("note", request.Note, 256);
        return store.WriteAsync(transaction => Clear(transaction, request, by), cancellationToken);
    }

    /// <summary>A second machine came with this identity while the first one answered.</summary>
    public static void Found(StoreTransaction transaction, HostRow host, Hello second, string secondAddress, string firstAddress, string firstMachineIdHash)
    {
        var detail = $"connected from {firstAddress}; refused from {secondAddress}";
        transaction.Execute(
            "UPDATE hosts SET duplicate_at = $now, duplicate_detail = $detail WHERE host_id = $id",
            ("$now", transaction.Now.ToColumn()),
            ("$detail", detail),
            ("$id", host.HostId));
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

    private static ClearDuplicateIdentityResponse Clear(StoreTransaction transaction, ClearDuplicateIdentityRequest request, string by)
    {
        var host = HostStore.Find(transaction, request.Host) ?? throw FleetError.NotFound($"no host {request.Host}", "`fleet hosts` lists them");
        if (host.DuplicateAt is null)
        {
            return new ClearDuplicateIdentityResponse();
        }

        transaction.Execute("UPDATE hosts SET duplicate_at = NULL, duplicate_detail = '' WHERE host_id = $id", ("$id", host.HostId));
        EventAppender.Append(transaction, new NewEvent(
            EventTypes.HostDuplicateCleared, EventSeverity.Info, $"{by} says that the copy of {host.Name} is gone{(request.Note.Length > 0 ? $": {request.Note}" : "")}")
        {
            HostId = host.HostId,
            HostName = host.Name,
            Attributes = new Dictionary<string, string> { ["by"] = by, ["note"] = request.Note },
        });
        return new ClearDuplicateIdentityResponse { Cleared = true, Detail = host.DuplicateDetail };
    }
}
