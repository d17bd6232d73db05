using Fleet.Coordinator.Edge;
using Fleet.Coordinator.Errors;
using Fleet.Coordinator.State.Events;
using Fleet.Coordinator.State.Hosts;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Coordinator.Hosts;

/// <summary>
/// Records that two machines have one identity. Noted when the second one is refused (<see cref="DuplicateIdentity"/>), and cleared by a
/// person or after some time (<see cref="HostAttention"/>).
/// </summary>
internal sealed class DuplicateIdentities(FleetStore store)
{
    /// <summary>A person states that the copy is gone. If one comes back, it is reported again at once.</summary>
    /// <exception cref="RpcException">Unknown host, or a note that is too long.</exception>
    public Task<ClearDuplicateIdentityResponse> ClearAsync(
        ClearDuplicateIdentityRequest request, string by, CancellationToken cancellationToken)
    {
        RequestRules.Text("note", request.Note, 256);
        return store.WriteAsync(transaction => Clear(transaction, request, by), cancellationToken);
    }

    private static ClearDuplicateIdentityResponse Clear(StoreTransaction transaction, ClearDuplicateIdentityRequest request, string by)
    {
        var host = HostStore.Find(transaction, request.Host)
            ?? throw FleetError.NotFound($"no host {request.Host}", "`fleet hosts` lists them");
        if (host.DuplicateAt is null)
        {
            return new ClearDuplicateIdentityResponse();
        }

        HostStore.SetDuplicate(transaction, host.HostId, null);
        EventAppender.Append(
            transaction,
            new NewEvent(
                EventTypes.HostDuplicateCleared,
                EventSeverity.Info,
                $"{by} says that the copy of {host.Name} is gone{(request.Note.Length > 0 ? $": {request.Note}" : "")}")
            {
                HostId = host.HostId,
                HostName = host.Name,
                Attributes = new Dictionary<string, string> { ["by"] = by, ["note"] = request.Note },
            });
        return new ClearDuplicateIdentityResponse { Cleared = true, Detail = host.DuplicateDetail };
    }
}
