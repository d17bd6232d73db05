using System.CommandLine;
using Fleet.Cli.Commands;
using Fleet.Cli.Connection;
using Fleet.Cli.Options;
using Fleet.Cli.Outcomes;
using Fleet.Cli.Output;
using Fleet.Cli.Runs;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Cli.Snapshots;

/// <summary><c>fleet snapshots</c>: lists the catalogue.</summary>
internal static class SnapshotsCommand
{
    public static Command Create(CommandActions actions)
    {
        var host = actions.Names.SingleHostOption("Only snapshots on this host.");
        var dataset = new Option<string?>("--dataset")
        {
            Description = "Only snapshots of this dataset, volume or folder, and of what is below it.",
            HelpName = "NAME",
        };
        var policy = actions.Names.SinglePolicyOption("Only snapshots of this policy.");
        var at = Instants.Option(
            "--at",
            "For each dataset, volume and folder, the newest snapshot at or before this time, such as 2026-12-31T23:00Z. Without a zone: "
                + "UTC.");
        var gone = new Option<bool>("--gone") { Description = "Also snapshots that were destroyed or vanished in the last 30 days." };
        var limit = Counts.Option("--limit", "-n", "At most the N newest. Default 100.", 1, 1_000_000);
        var command = new FleetCommand("snapshots", "Lists every snapshot that Fleet made and that still exists, newest first.",
            "fleet snapshots --host nas --dataset tank/data",
            "fleet snapshots --dataset tank/data --at 2026-11-20T08:00Z",
            "fleet snapshots --gone --json | jq -r '.snapshots[] | select(.goneAt and .goneRunId == \"\") | .name'")
        {
            host,
            dataset,
            policy,
            at,
            gone,
            limit,
        };
        return actions.Online(command, async invocation =>
        {
            var request = new ListSnapshotsRequest
            {
                Host = invocation.Get(host) ?? "",
                Of = invocation.Get(dataset) ?? "",
                Policy = invocation.Get(policy) ?? "",
                At = invocation.Get(at) is { } time ? Timestamp.FromDateTimeOffset(time) : null,
                IncludeGone = invocation.Get(gone),
            };
            var snapshots = await Paging.AllAsync<Snapshot>(async (size, token) =>
            {
                var page = request.Clone();
                page.PageSize = size;
                page.PageToken = token;
                var response = await invocation.Connection.Fleet.ListSnapshotsAsync(page, invocation.Connection.Unary);
                return (response.Snapshots, response.NextPageToken);
            }, (int)(invocation.Get(limit) ?? 100));
            if (invocation.Json)
            {
                invocation.Out.Message(new ListSnapshotsResponse { Snapshots = { snapshots } });
            }
            else if (snapshots.Count == 0)
            {
                invocation.Out.Line("No such snapshots.");
                await invocation.NearNames.NoteAsync(invocation.Out);
            }
            else
            {
                Print(invocation, snapshots);
            }

            return ExitCode.Ok;
        });
    }

    private static void Print(Invocation invocation, List<Snapshot> snapshots) =>
        invocation.Out.Table(["SNAPSHOT", "HOST", "POLICY", "CREATED", "USED", "REFERS TO", "NOTES"], snapshots.Select(s => (Cell[])
        [
            s.Name,
            s.HostName,
            s.Policy.Length > 0 ? s.Policy : new Cell("(ad hoc)", Tone.Quiet),
            HumanText.Relative(s.CreatedAt, invocation.Now),
            s.Kind == SnapshotKind.Zfs ? HumanText.Bytes(s.UsedBytes) : "",
            HumanText.Bytes(s.ReferencedBytes),
            Notes(invocation, s),
        ]), 4, 5);

    private static Cell Notes(Invocation invocation, Snapshot snapshot)
    {
        List<string> notes = [];
        if (snapshot.GoneAt is not null)
        {
            var by = snapshot.GoneRunId.Length > 0 ? $"by run {RunTable.ShortId(snapshot.GoneRunId)}" : "not by a run of Fleet";
            notes.Add($"gone {HumanText.Relative(snapshot.GoneAt, invocation.Now)}, {by}");
        }

        if (snapshot.Holds > 0)
        {
            notes.Add(snapshot.Kind == SnapshotKind.Lvm ? "protected" : "held");
        }

        if (snapshot.Copies > 1)
        {
            notes.Add($"{snapshot.Copies} copies");
        }

        if (snapshot.Note.Length > 0)
        {
            notes.Add(snapshot.Note);
        }

        return new Cell(string.Join("; ", notes), snapshot is { GoneAt: not null, GoneRunId: "" } ? Tone.Doubtful : Tone.Plain);
    }
}
