using System.CommandLine;
using System.Reflection;
using System.Text.Json;
using Fleet.Cli.Commands;
using Fleet.Cli.Outcomes;
using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Cli.Admin;

/// <summary><c>fleet version</c>: the versions of this program and, if it can be reached, of the coordinator.</summary>
internal static class VersionCommand
{
    public static string OfThisProgram { get; } =
        (typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion
            ?? "0.0.0").Split('+')[0];

    public static Command Create(CommandActions actions) =>
        actions.Local(
            new FleetCommand("version", "Shows the version of this program and, if it can be reached, the coordinator's.", "fleet version"),
            async invocation =>
        {
            var coordinator = await AskAsync(invocation);
            if (invocation.Json)
            {
                invocation.Out.LogLine($"{{\"version\":{Quote(OfThisProgram)},\"coordinatorVersion\":{Quote(coordinator)}}}");
            }
            else
            {
                invocation.Out.Line($"fleet {OfThisProgram}");
                invocation.Out.Line(coordinator.Length > 0 ? $"coordinator {coordinator}" : "coordinator not reached");
            }

            return ExitCode.Ok;
        });

    private static async Task<string> AskAsync(Invocation invocation)
    {
        if (invocation.Connect() is not null)
        {
            return "";
        }

        try
        {
            var status = await invocation.Connection.Fleet.GetStatusAsync(new GetStatusRequest(), invocation.Connection.Unary);
            return status.CoordinatorVersion;
        }
        catch (RpcException) when (!invocation.Cancellation.IsCancellationRequested)
        {
            return "";
        }
    }

    private static string Quote(string text) => $"\"{JsonEncodedText.Encode(text)}\"";
}
