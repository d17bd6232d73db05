using Fleet.Cli.Commands;
using Fleet.Cli.Connection;
using Fleet.Cli.Outcomes;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Snapshots;

/// <summary>Snapshots that an operator names in full, as the catalogue has them.</summary>
internal static class SnapshotLookup
{
    /// <param name="host">Empty: whichever has it.</param>
    public static async Task<IReadOnlyList<Snapshot>> FindAsync(Invocation invocation, string name, string host)
    {
        var all = await Paging.AllAsync<Snapshot>(async (size, token) =>
        {
            var page = await invocation.Connection.Fleet.ListSnapshotsAsync(
                new ListSnapshotsRequest { Host = host, Of = Of(name), PageSize = size, PageToken = token }, invocation.Connection.Unary);
            return (page.Snapshots, page.NextPageToken);
        });
        return [.. all.Where(s => s.Name == name)];
    }

    public static CliFailure OnSeveral(string name, IEnumerable<string> hosts) =>
        new(ExitCode.Refused, $"{name} is on more than one host: {string.Join(", ", hosts)}", "name one: --host HOST");

    /// <summary>What it is surely of: a dataset, or the folder of a tree. Empty: LVM's names do not tell.</summary>
    private static string Of(string name) =>
        name.Contains('@', StringComparison.Ordinal)
            ? name.Split('@')[0]
            : name.StartsWith('/') ? name[..Math.Max(1, name.LastIndexOf('/'))] : "";
}
