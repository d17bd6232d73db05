using Fleet.Cli.Commands;
using Fleet.Cli.Outcomes;
using Fleet.Cli.Snapshots;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Restore;

/// <summary>Finds the host on which a snapshot is to be restored.</summary>
internal static class RestorePlace
{
    /// <summary>The host that was given; otherwise the one that has the snapshot; otherwise the only host of the fleet.</summary>
    public static async Task<(string Host, CliFailure? Failure)> FindAsync(Invocation invocation, string snapshot, string? host)
    {
        if (host is not null)
        {
            return (host, null);
        }

        string[] known = [.. (await SnapshotLookup.FindAsync(invocation, snapshot, "")).Select(s => s.HostName).Distinct()];
        if (known.Length == 0)
        {
            known =
            [
                .. (
                    await invocation.Connection.Fleet.ListHostsAsync(new ListHostsRequest { PageSize = 2 }, invocation.Connection.Unary)
                ).Hosts.Select(h => h.Name),
            ];
            return known is [var only]
                ? (only, null)
                : ("", new CliFailure(
                    ExitCode.NotFound,
                    $"no host has reported {snapshot}",
                    "name the host: --host HOST; `fleet snapshots` lists what is known"));
        }

        return known is [var one] ? (one, null) : ("", SnapshotLookup.OnSeveral(snapshot, known));
    }
}
