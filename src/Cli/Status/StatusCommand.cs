using System.CommandLine;
using Fleet.Cli.CommandLine;
using Fleet.Cli.Output;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Status;

/// <summary><c>fleet status</c>: what needs a person now, worst first, then how the fleet stands.</summary>
internal static class StatusCommand
{
    public static Command Create(CommandActions actions)
    {
        var exitCode = new Option<bool>("--exit-code") { Description = "End with 1 when something needs attention, for scripts and monitoring." };
        var command = new FleetCommand("status", "What needs you now, first; then how the fleet stands.",
            "fleet status",
            "fleet status --exit-code --json | jq -r '.attention[].message'")
        {
            exitCode,
        };
        return actions.Online(command, async invocation =>
        {
            var status = await invocation.Connection.Fleet.GetStatusAsync(new GetStatusRequest(), invocation.Connection.Unary);
            if (invocation.Json)
            {
                invocation.Out.Message(status);
            }
            else
            {
                Print(invocation, status);
            }

            return invocation.Get(exitCode) && status.Attention.Count > 0 ? ExitCode.NotWell : ExitCode.Ok;
        });
    }

    private static void Print(Invocation invocation, GetStatusResponse status)
    {
        var output = invocation.Out;
        if (status.Attention.Count == 0)
        {
            output.Line(new Cell("Nothing needs attention.", Tone.Good));
        }
        else
        {
            output.Line(new Cell($"{Humane.Count(status.Attention.Count, "thing")} {(status.Attention.Count == 1 ? "needs" : "need")} attention", Tone.Strong));
            foreach (var item in status.Attention)
            {
                PrintItem(invocation, item);
            }
        }

        output.Line("");
        output.Facts(
            ("hosts", $"{status.HostsOnline} of {status.HostsTotal} online"),
            ("protected", $"{status.ProtectionsOk} of {status.ProtectionsTotal} (policy on host), {Humane.Count(status.PoliciesTotal, "policy", "policies")}"),
            ("runs", $"{status.RunsRunning} running, {status.RunsQueued} queued; last 24 h: {status.RunsSucceeded24H} succeeded, {status.RunsFailed24H} failed"),
            ("coordinator", $"{status.CoordinatorVersion}, up {(status.StartedAt is null || status.At is null ? "?" : Humane.Span(status.At.ToDateTimeOffset() - status.StartedAt.ToDateTimeOffset()))}, {invocation.Connection.Address.GetLeftPart(UriPartial.Authority)}"));
    }

    private static void PrintItem(Invocation invocation, Attention item)
    {
        var critical = item.Severity == AttentionSeverity.Critical;
        var where = string.Join(" on ", new[] { item.Policy, item.HostName }
            .Where(n => n.Length > 0 && !item.Message.Contains(n, StringComparison.Ordinal)));
        var since = Humane.Relative(item.Since, invocation.Now);
        invocation.Out.Line(
            "  ",
            new Cell(critical ? "CRITICAL" : "WARNING ", critical ? Tone.Bad : Tone.Doubtful),
            "  ",
            new Cell(where.Length > 0 ? $"{where}: " : "", Tone.Strong),
            item.Message,
            new Cell(since.Length > 0 ? $" (since {since})" : "", Tone.Quiet));
        if (item.WhatToDo.Length > 0)
        {
            invocation.Out.Line("            ", new Cell(item.WhatToDo, Tone.Quiet));
        }
    }
}
