using System.CommandLine;
using Fleet.Cli.Commands;
using Fleet.Cli.Outcomes;
using Fleet.Cli.Output;
using Fleet.Cli.Policies;
using Fleet.Cli.Runs;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Hosts;

/// <summary><c>fleet host NAME</c>, <c>fleet host remove NAME</c> and <c>fleet host clear-duplicate NAME</c>.</summary>
internal static class HostCommand
{
    private const int RecentRuns = 5;

    public static Command Create(CommandActions actions)
    {
        var host = actions.Names.HostArgument();
        var command = new FleetCommand("host", "Shows one host: what it is, what protects it, what it did last.",
            "fleet host web1",
            "fleet host remove web1 --reason 'sold'")
        {
            host,
            HostRemoveCommand.Create(actions),
            HostClearDuplicateCommand.Create(actions),
        };
        return actions.Online(command, async invocation =>
        {
            var found = await invocation.Connection.Fleet.GetHostAsync(
                new GetHostRequest { Host = invocation.Get(host) }, invocation.Connection.Unary);
            if (invocation.Json)
            {
                invocation.Out.Message(found);
                return ExitCode.Ok;
            }

            PrintFacts(invocation, found);
            await PrintProtectionsAsync(invocation, found);
            await PrintRunsAsync(invocation, found);
            return ExitCode.Ok;
        });
    }

    private static void PrintFacts(Invocation invocation, Host host)
    {
        var time = invocation.Environment.Time;
        var facts = host.Facts ?? new HostFacts();
        invocation.Out.Facts(
            ("host", new Cell(host.Name, Tone.Strong)),
            ("id", host.HostId),
            ("state", HostsCommand.StateCell(host)),
            ("state error", new Cell(host.StateError, Tone.Bad)),
            ("labels", HumanText.Labels(host.Labels)),
            ("last seen", host.State == HostState.Online ? "now" : HumanText.InstantAndAge(host.LastSeenAt, time)),
            ("connected", host.State == HostState.Online ? HumanText.InstantAndAge(host.ConnectedAt, time) : ""),
            ("address", host.Address),
            ("enrolled", HumanText.InstantAndAge(host.EnrolledAt, time)),
            ("certificate", host.CertificateExpiresAt is null ? "" : $"until {HumanText.InstantAndAge(host.CertificateExpiresAt, time)}"),
            ("clock", host.ClockOffset is null ? "" : $"{HumanText.Span(host.ClockOffset)} off"),
            ("agent", host.AgentVersion),
            ("system", facts.OperatingSystem),
            ("kernel", $"{facts.Kernel} {facts.Architecture}".Trim()),
            ("hardware", Hardware(facts)),
            ("tools", string.Join(", ", host.Tools.Select(t => $"{t.Name} {t.Version}".Trim()))),
            ("guard allows", $"{(host.AllowedActions.Count == 0 ? "nothing" : string.Join(", ", host.AllowedActions))}, when it connected"),
            ("runs", $"{host.RunsRunning} running, {host.RunsQueued} queued"));
    }

    private static string Hardware(HostFacts facts)
    {
        var virtualization = facts.Virtualization is "" or "none" ? "" : $", {facts.Virtualization}";
        return facts.Cpus == 0 ? "" : $"{HumanText.Count(facts.Cpus, "CPU")}, {HumanText.Bytes(facts.MemoryBytes)} memory{virtualization}";
    }

    private static async Task PrintProtectionsAsync(Invocation invocation, Host host)
    {
        var policies = await PoliciesCommand.ListAsync(invocation);
        var states = policies.SelectMany(p => p.Hosts.Where(h => h.HostId == host.HostId).Select(h => (p.Spec.Name, State: h))).ToList();
        invocation.Out.Line("");
        if (states.Count == 0)
        {
            invocation.Out.Line(new Cell("No policy applies to this host.", Tone.Doubtful));
            return;
        }

        invocation.Out.Table(["POLICY", "STATE", "LAST SUCCESS", "NEXT"], states.Select(s => (Cell[])
        [
            s.Name,
            PolicyText.StateCell(s.State.State),
            s.State.LastSuccessAt is null ? "never" : HumanText.Relative(s.State.LastSuccessAt, invocation.Now),
            HumanText.Relative(s.State.NextAt, invocation.Now),
        ]));
    }

    private static async Task PrintRunsAsync(Invocation invocation, Host host)
    {
        var runs = await RunsCommand.ListAsync(invocation, new ListRunsRequest { Host = host.HostId }, RecentRuns);
        if (runs.Count > 0)
        {
            invocation.Out.Line("");
            RunTable.Print(invocation, runs);
        }
    }
}
