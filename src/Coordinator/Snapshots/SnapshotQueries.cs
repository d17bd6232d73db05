using System.Globalization;
using Fleet.Coordinator.Errors;
using Fleet.Coordinator.State.Hosts;
using Fleet.Coordinator.State.Snapshots;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.Snapshots;

/// <summary>Answers questions about snapshots and storage.</summary>
internal sealed class SnapshotQueries(FleetStore store)
{
    public async Task<ListSnapshotsResponse> ListAsync(ListSnapshotsRequest request, CancellationToken cancellationToken)
    {
        var size = Paging.Size(request.PageSize);
        var (before, beforeId) = ReadToken(request.PageToken);
        if (request.At is not null && SnapshotFacts.Instant(request.At) is null)
        {
            throw FleetError.InvalidArgument("at", "is not an instant that a snapshot could have");
        }

        return await store.ReadAsync(
            reader =>
            {
                var page = new SnapshotPage(
                    request.Host.Length == 0 ? "" : Host(reader, request.Host).HostId,
                    request.Of.Length == 0 ? null : request.Of.TrimEnd('/'),
                    request.Policy,
                    SnapshotFacts.Instant(request.At)?.ToColumn(),
                    request.IncludeGone,
                    (before, beforeId));
                var rows = page.Read(reader, size + 1).ConvertAll(id => ListedSnapshots.Find(reader, id));
                var response = new ListSnapshotsResponse();
                var count = Paging.Fit(rows.ConvertAll(row => row.Snapshot), size);
                response.Snapshots.AddRange(rows.Take(count).Select(row => row.Snapshot));
                if (rows.Count > count)
                {
                    response.NextPageToken = Paging.Token(
                        string.Create(CultureInfo.InvariantCulture, $"{rows[count - 1].CreatedAtColumn}:{rows[count - 1].Id}"));
                }

                return response;
            },
            cancellationToken);
    }

    public async Task<GetStorageResponse> GetStorageAsync(string nameOrId, CancellationToken cancellationToken)
    {
        var (host, found) = await store.ReadAsync(
            reader =>
            {
                var row = Host(reader, nameOrId);
                return (row, StorageStore.Find(reader, row.HostId));
            },
            cancellationToken);
        return found is { } storage
            ? new GetStorageResponse
            {
                HostId = host.HostId,
                HostName = host.Name,
                Stock = storage.Stock,
                ReceivedAt = Timestamp.FromDateTimeOffset(storage.ReceivedAt),
            }
            : throw FleetError.NotFound(
                $"{host.Name} has not reported its ZFS and LVM storage yet",
                "its agent reports it when it connects, unless its inventory is off in agent.yaml or it is older than 0.2");
    }

    private static HostRow Host(StoreReader reader, string nameOrId) =>
        HostStore.Find(reader, nameOrId) ?? throw FleetError.NotFound($"no host {nameOrId}", "`fleet hosts` lists them");

    private static (long Before, long BeforeId) ReadToken(string token)
    {
        if (token.Length == 0)
        {
            return (long.MaxValue, 0);
        }

        var parts = Paging.Read(token).Split(':');
        return parts.Length == 2
            && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var at)
            && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var id)
            ? (at, id)
            : throw Paging.Invalid();
    }
}
