using System.CommandLine;
using Fleet.Cli.Commands;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Runs;

/// <summary>
/// <c>fleet run POLICY</c>: starts a policy's runs now and follows them to their ends. <c>fleet run show RUN</c> shows an existing run.
/// </summary>
internal static class RunCommand
{
    public static Command Create(CommandActions actions)
    {
        var policy = actions.Names.PolicyArgument();
        var hosts = actions.Names.HostOption(
            "Only on this host. May be given several times. Default: every host that the policy applies to.");
        var dryRun = new Option<bool>("--dry-run") { Description = "Let the tool report what it would do, without doing it." };
        var confirm = new Option<string?>("--confirm")
        {
            Description = "Carry out what an earlier run asked about: the digits that it printed.",
            HelpName = "DIGITS",
        };
        var all = new Option<bool>("--all")
        {
            Description = $"At the end, list everything that would be deleted, not only the first {PlanText.FirstDeletions}.",
        };
        var noFollow = new Option<bool>("--no-follow") { Description = "Do not wait for the end." };
        var command = new FleetCommand(
            "run",
            "Runs a policy now and follows it. Exits with 1 if a run does not succeed. To run a policy named show: fleet run -- show.",
            "fleet run nightly-home",
            "fleet run nightly-home --host web1 --host web2 --dry-run",
            "fleet run thin-data --confirm 3f9c2a81d0b45e77",
            "fleet run nightly-home --no-follow --json | jq -r '.runs[].runId'",
            "fleet run show 3f9c2a81d0b4")
        {
            policy,
            hosts,
            dryRun,
            confirm,
            all,
            noFollow,
            RunShowCommand.Create(actions, "run show"),
        };
        return actions.Online(command, async invocation =>
        {
            var request = new StartRunRequest
            {
                Policy = invocation.Get(policy),
                RequestId = Guid.NewGuid().ToString(),
                DryRun = invocation.Get(dryRun),
                Confirmation = invocation.Get(confirm) ?? "",
            };
            request.Hosts.Add(invocation.Get(hosts)!);
            var response = await invocation.Connection.Fleet.StartRunAsync(request, invocation.Connection.Unary);
            if (response.Runs.Count == 0 && !invocation.Get(noFollow))
            {
                return invocation.Fail(StartedRuns.NoHost(request.Policy));
            }

            return await StartedRuns.FinishAsync(invocation, response.Runs, invocation.Get(noFollow), invocation.Get(all));
        });
    }
}
