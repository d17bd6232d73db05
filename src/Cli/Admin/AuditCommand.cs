using System.CommandLine;
using Fleet.Cli.Commands;
using Fleet.Cli.Connection;
using Fleet.Cli.Options;
using Fleet.Cli.Outcomes;
using Fleet.Cli.Output;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Admin;

/// <summary><c>fleet audit</c>: who changed what.</summary>
internal static class AuditCommand
{
    public static Command Create(CommandActions actions)
    {
        var who = new Option<string?>("--who") { Description = "Only entries of this operator or host.", HelpName = "NAME" };
        var limit = Counts.Option("--limit", "-n", "At most the N newest. Default 100.", 1, 1_000_000);
        var command = new FleetCommand("audit", "Shows who changed what, from where, and with what outcome; newest first.",
            "fleet audit",
            "fleet audit --who anna --limit 20")
        {
            who,
            limit,
        };
        return actions.Online(command, async invocation =>
        {
            var entries = await Paging.AllAsync<AuditEntry>(
                async (size, page) =>
                {
                    var response = await invocation.Connection.Admin.ListAuditAsync(
                        new ListAuditRequest
                        {
                            PageSize = size,
                            PageToken = page,
                            Who = invocation.Get(who) ?? "",
                        },
                        invocation.Connection.Unary);
                    return (response.Entries, response.NextPageToken);
                },
                (int)(invocation.Get(limit) ?? 100));
            if (invocation.Json)
            {
                invocation.Out.Message(new ListAuditResponse { Entries = { entries } });
            }
            else if (entries.Count == 0)
            {
                invocation.Out.Line("No entries.");
            }
            else
            {
                invocation.Out.Table(["AT", "WHO", "FROM", "WHAT", "SUBJECT", "OUTCOME", "DETAIL"], entries.Select(e => (Cell[])
                [
                    HumanText.Instant(e.At, invocation.Environment.Time),
                    e.Who,
                    e.From,
                    e.What[(e.What.LastIndexOf('/') + 1)..],
                    e.Subject,
                    new Cell(e.Outcome, e.Outcome == "OK" ? Tone.Plain : Tone.Bad),
                    e.Detail,
                ]));
            }

            return ExitCode.Ok;
        });
    }
}
