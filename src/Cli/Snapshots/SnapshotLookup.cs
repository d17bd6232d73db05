using Fleet.Cli.Commands;
using Fleet.Cli.Connection;
using Fleet.Cli.Outcomes;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Snapshots;

/// <summary>Looks up in the catalogue snapshots that an operator gives by full name.</summary>
internal static class SnapshotLookup
{
    /// <param name="host">Empty for any host.</param>
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

    /// <summary>
    /// The dataset or the folder of dated trees that the name certainly belongs to. Empty for LVM, where the name does not say.
    /// </summary>
    private static string Of(string name) =>
        name.Contains('@', StringComparison.Ordinal)
            ? name.Split('@')[0]
            : name.StartsWith('/') ? name[..Math.Max(1, name.LastIndexOf('/'))] : "";
}
