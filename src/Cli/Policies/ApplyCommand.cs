using System.CommandLine;
using Fleet.Cli.Commands;
using Fleet.Cli.Connection;
using Fleet.Cli.Outcomes;
using Fleet.Cli.Output;
using Fleet.Cli.Policies.Files;
using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Cli.Policies;

/// <summary><c>fleet apply -f FILE</c>: applies all policies of all files, or none.</summary>
internal static class ApplyCommand
{
    public static Command Create(CommandActions actions)
    {
        var files = new Option<string[]>("--file", "-f")
        {
            Description = "Policy file, directory with *.yaml and *.yml files, or - for standard input. All of them are "
                + "applied, or none.",
            HelpName = "FILE",
            Required = true,
            AllowMultipleArgumentsPerToken = true,
        };
        var dryRun = new Option<bool>("--dry-run") { Description = "Show what would change, without changing anything." };
        var command = new FleetCommand("apply", "Creates or changes policies from YAML files, all or none.",
            "fleet apply -f nightly-home.yaml --dry-run",
            "fleet apply -f policies/",
            "generate-policies | fleet apply -f -")
        {
            files,
            dryRun,
        };
        // Files are read before connecting, so that problems in them are reported even without a credential.
        return actions.Local(command, async invocation =>
        {
            var read = PolicyFiles.Read(invocation.Get(files)!, invocation.Environment.OpenInput);
            if (!read.Succeeded)
            {
                return invocation.Fail(read.Failure);
            }

            if (invocation.Connect() is { } unconnected)
            {
                return invocation.Fail(unconnected);
            }

            var request = new ApplyPoliciesRequest { DryRun = invocation.Get(dryRun), Policies = { read.Value.Select(d => d.Spec) } };
            try
            {
                var response = await invocation.Connection.Fleet.ApplyPoliciesAsync(request, invocation.Connection.Unary);
                Print(invocation, response, request.DryRun);
                return ExitCode.Ok;
            }
            catch (RpcException e) when (CallFailure.DetailOf(e) is { Violations.Count: > 0 } detail)
            {
                var failure = CallFailure.From(e, invocation.Connection.Address, invocation.Timeout);
                return invocation.Fail(failure with { Details = [.. detail.Violations.Select(v => FieldPlaces.Describe(v, read.Value))] });
            }
        });
    }

    private static void Print(Invocation invocation, ApplyPoliciesResponse response, bool dryRun)
    {
        if (invocation.Json)
        {
            invocation.Out.Message(response);
            return;
        }

        foreach (var change in response.Changes)
        {
            PrintChange(invocation, change, dryRun);
        }
    }

    private static void PrintChange(Invocation invocation, PolicyChange change, bool dryRun)
    {
        var output = invocation.Out;
        var (words, tone) = change.Kind switch
        {
            PolicyChangeKind.Created => (dryRun ? "would be created" : "created", Tone.Good),
            PolicyChangeKind.Updated => (dryRun ? "would be changed" : "changed", Tone.Doubtful),
            _ => ("unchanged", Tone.Quiet),
        };
        output.Line(
            new Cell(change.Name, Tone.Strong), " ", new Cell(words, tone), $" (revision {change.Revision}), applies to {Hosts(change)}");
        if (change.Kind == PolicyChangeKind.Updated || dryRun)
        {
            foreach (var field in change.Fields)
            {
                if (field.Before.Length > 0)
                {
                    output.Line(
                        new Cell($"  - {FieldPlaces.ToYaml(field.Field)}: {FieldPlaces.ToYamlValue(field.Field, field.Before)}", Tone.Bad));
                }

                if (field.After.Length > 0)
                {
                    output.Line(
                        new Cell($"  + {FieldPlaces.ToYaml(field.Field)}: {FieldPlaces.ToYamlValue(field.Field, field.After)}", Tone.Good));
                }
            }
        }

        foreach (var warning in change.Warnings)
        {
            output.Line(new Cell($"  warning: {warning}", Tone.Doubtful));
        }
    }

    private static string Hosts(PolicyChange change) => change.Hosts.Count switch
    {
        0 => "no host",
        <= 5 => string.Join(", ", change.Hosts),
        _ => $"{string.Join(", ", change.Hosts.Take(4))} and {change.Hosts.Count - 4} more",
    };
}
