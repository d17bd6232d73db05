using System.CommandLine;
using Fleet.Cli.Commands;
using Fleet.Cli.Outcomes;
using Fleet.Cli.Output;
using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;
using Google.Protobuf.Collections;

namespace Fleet.Cli.Status;

/// <summary><c>fleet status</c>: shows what needs a person now, worst first, then a summary of the fleet.</summary>
internal static class StatusCommand
{
    private const int ItemIndent = 12;

    public static Command Create(CommandActions actions)
    {
        var exitCode = new Option<bool>("--exit-code")
        {
            Description = "Exit with 1 if something needs attention, for scripts and monitoring.",
        };
        var all = new Option<bool>("--all") { Description = "Show everything that needs attention, however long the list is." };
        var command = new FleetCommand(
            "status",
            "Shows what needs attention, worst first, as much as the screen holds; then a summary of the fleet.",
            "fleet status",
            "fleet status --all | less",
            "fleet status --exit-code --json | jq -r '.attention[].message'")
        {
            exitCode,
            all,
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
                Print(invocation, status, invocation.Get(all));
            }

            return invocation.Get(exitCode) && status.Attention.Count > 0 ? ExitCode.NotWell : ExitCode.Ok;
        });
    }

    private static void Print(Invocation invocation, GetStatusResponse status, bool all)
    {
        var output = invocation.Out;
        if (status.Attention.Count == 0)
        {
            output.Line(new Cell("Nothing needs attention.", Tone.Good));
        }
        else
        {
            var shown = all ? status.Attention.Count : Math.Max(1, Fitting(invocation, status.Attention));
            output.Line(new Cell(Count(status.Attention), Tone.Strong));
            foreach (var item in status.Attention.Take(shown))
            {
                PrintItem(invocation, item);
            }

            if (shown < status.Attention.Count)
            {
                output.Line(new Cell($"  ... and {Left([.. status.Attention.Skip(shown)])} more: fleet status --all", Tone.Strong));
            }
        }

        output.Line("");
        output.Facts(Facts(invocation, status));
        if (status.Attention.Count > invocation.Environment.Height && all)
        {
            // The first lines, which are the worst, have scrolled out of sight.
            output.Line("");
            output.Line(new Cell($"{Count(status.Attention)}, worst first", Tone.Strong));
        }
    }

    private static (string Name, Cell Value)[] Facts(Invocation invocation, GetStatusResponse status) =>
    [
        ("hosts", $"{status.HostsOnline} of {status.HostsTotal} online"),
        ("protected", $"{status.ProtectionsOk} of {status.ProtectionsTotal} (policy on host), "
            + $"{HumanText.Count(status.PoliciesTotal, "policy", "policies")}"),
        ("runs", $"{status.RunsRunning} running, {status.RunsQueued} queued; last 24 h: {status.RunsSucceeded24H} succeeded, "
            + $"{status.RunsFailed24H} failed"),
        ("coordinator", $"{status.CoordinatorVersion}, up "
            + $"{(WireTime.InstantOf(status.At) - WireTime.InstantOf(status.StartedAt) is { } up ? HumanText.Span(up) : "?")}, "
            + $"{invocation.Connection.Address.GetLeftPart(UriPartial.Authority)}"),
    ];

    private static string Count(RepeatedField<Attention> items)
    {
        var critical = items.Count(i => i.Severity == AttentionSeverity.Critical);
        var count = $"{HumanText.Count(items.Count, "thing")} {(items.Count == 1 ? "needs" : "need")} attention";
        return critical > 0 && items.Count > 1 ? $"{count}, {critical} critical" : count;
    }

    private static string Left(IReadOnlyList<Attention> items)
    {
        var critical = items.Count(i => i.Severity == AttentionSeverity.Critical);
        return critical > 0 ? $"{items.Count} ({critical} critical)" : $"{items.Count}";
    }

    /// <summary>How many items, worst first, fit on the screen together with everything else that is printed.</summary>
    private static int Fitting(Invocation invocation, RepeatedField<Attention> items)
    {
        // The count, the line about the remaining items, an empty line, the facts, and the prompt.
        const int Others = 8;
        if (!invocation.Environment.OutputIsTerminal)
        {
            return items.Count;
        }

        var room = invocation.Environment.Height - Others;
        var fitting = 0;
        foreach (var item in items)
        {
            room -= Lines(invocation, item).Sum(l => invocation.Out.Wrapped(ItemIndent, [.. l]).Count);
            if (room < 0)
            {
                break;
            }

            fitting++;
        }

        return fitting;
    }

    private static void PrintItem(Invocation invocation, Attention item)
    {
        foreach (var line in Lines(invocation, item))
        {
            invocation.Out.Hanging(ItemIndent, line);
        }
    }

    private static IEnumerable<Cell[]> Lines(Invocation invocation, Attention item)
    {
        var critical = item.Severity == AttentionSeverity.Critical;
        var where = string.Join(" on ", new[] { item.Policy, item.HostName }
            .Where(n => n.Length > 0 && !item.Message.Contains(n, StringComparison.Ordinal)));
        var since = HumanText.Relative(item.Since, invocation.Now);
        yield return
        [
            "  ",
            new Cell(critical ? "CRITICAL" : "WARNING ", critical ? Tone.Bad : Tone.Doubtful),
            "  ",
            new Cell(where.Length > 0 ? $"{where}: " : "", Tone.Strong),
            item.Message,
            new Cell(since.Length > 0 ? $" (since {since})" : "", Tone.Quiet),
        ];
        if (item.WhatToDo.Length > 0)
        {
            yield return [new string(' ', ItemIndent), new Cell(item.WhatToDo, Tone.Quiet)];
        }
    }
}
