using Fleet.Cli.Commands;
using Fleet.Cli.Connection;
using Fleet.Cli.Outcomes;
using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Cli.Snapshots;

/// <summary>Finds the host of datasets or volumes that an operator names without a host.</summary>
internal sealed record SnapshotPlace(string Host, bool IsLvm)
{
    /// <param name="host">Null for any host.</param>
    /// <param name="isLvm">Null if the names may be datasets or volumes.</param>
    public static async Task<(SnapshotPlace? Place, CliFailure? Failure)> FindAsync(
        Invocation invocation, IReadOnlyList<string> names, string? host, bool? isLvm)
    {
        if (host is not null && isLvm is { } kind)
        {
            return (new SnapshotPlace(host, kind), null);
        }

        var hosts = host is null ? await HostsAsync(invocation) : [host];
        List<SnapshotPlace> places = [];
        foreach (var name in hosts)
        {
            if (await StockAsync(invocation, name) is { } stock)
            {
                places.AddRange(Places(name, stock, names).Where(p => isLvm is null || p.IsLvm == isLvm));
            }
            else if (hosts.Count == 1)
            {
                // The host has not reported yet; its agent will say what is missing.
                return (new SnapshotPlace(name, isLvm ?? false), null);
            }
        }

        return places.Count == 1 ? (places[0], null) : (null, Failure(names, places));
    }

    private static CliFailure Failure(IReadOnlyList<string> names, List<SnapshotPlace> places)
    {
        var what = names.Count == 1 ? names[0] : $"{names[0]} and the others";
        return places.Count == 0
            ? new CliFailure(
                ExitCode.NotFound,
                $"no host has reported {what}",
                "name the host and say --zfs or --lvm: fleet snapshot NAME --host HOST --zfs; `fleet storage HOST --datasets` lists "
                + "what it has")
            : new CliFailure(
                ExitCode.Refused,
                $"{what} is in more than one place: {string.Join(", ", places.Select(p => $"{p.Host} ({(p.IsLvm ? "LVM" : "ZFS")})"))}",
                "name the host, and say --zfs or --lvm: fleet snapshot NAME --host HOST --zfs");
    }

    private static IEnumerable<SnapshotPlace> Places(string host, StorageStock stock, IReadOnlyList<string> names)
    {
        if (names.All(n => stock.Datasets.Any(d => d.Name == n)))
        {
            yield return new SnapshotPlace(host, false);
        }

        if (names.All(n => stock.Volumes.Any(v => v.Name == n)))
        {
            yield return new SnapshotPlace(host, true);
        }
    }

    private static async Task<List<string>> HostsAsync(Invocation invocation) =>
    [
        .. (await Paging.AllAsync<Host>(async (size, token) =>
        {
            var page = await invocation.Connection.Fleet.ListHostsAsync(
                new ListHostsRequest { PageSize = size, PageToken = token }, invocation.Connection.Unary);
            return (page.Hosts, page.NextPageToken);
        })).Select(h => h.Name),
    ];

    /// <returns>Null if the host has never reported.</returns>
    private static async Task<StorageStock?> StockAsync(Invocation invocation, string host)
    {
        try
        {
            return (
                await invocation.Connection.Fleet.GetStorageAsync(new GetStorageRequest { Host = host }, invocation.Connection.Unary)
            ).Stock;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
    }
}
