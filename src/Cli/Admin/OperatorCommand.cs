using System.CommandLine;
using Fleet.Cli.Commands;
using Fleet.Cli.Connection;
using Fleet.Cli.Outcomes;
using Fleet.Cli.Output;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Admin;

/// <summary><c>fleet operator create|list|remove</c>: who may use this program.</summary>
internal static class OperatorCommand
{
    public static Command Create(CommandActions actions) => new FleetCommand(
        "operator",
        "People and programs that may use the coordinator.",
        "fleet operator create anna --role operator --output anna.json",
        "fleet operator list",
        "fleet operator remove anna")
    {
        OperatorCreateCommand.Create(actions),
        CreateList(actions),
        CreateRemove(actions),
    };

    private static FleetCommand CreateList(CommandActions actions) =>
        actions.Online(new FleetCommand("list", "Lists all operators.", "fleet operator list"), async invocation =>
        {
            var operators = await Paging.AllAsync<Operator>(async (size, page) =>
            {
                var response = await invocation.Connection.Admin.ListOperatorsAsync(
                    new ListOperatorsRequest { PageSize = size, PageToken = page }, invocation.Connection.Unary);
                return (response.Operators, response.NextPageToken);
            });
            if (invocation.Json)
            {
                invocation.Out.Message(new ListOperatorsResponse { Operators = { operators } });
            }
            else
            {
                invocation.Out.Table(
                    ["OPERATOR", "ROLE", "CREDENTIAL", "EXPIRES", "LAST USED", "CREATED", "BY"],
                    operators.Select(o =>
                        (Cell[])
                            [
                                o.Name,
                                HumanText.Words(o.Role),
                                HumanText.Words(o.Credential),
                                HumanText.Relative(o.ExpiresAt, invocation.Now),
                                o.LastUsedAt is null ? "never" : HumanText.Relative(o.LastUsedAt, invocation.Now),
                                HumanText.Relative(o.CreatedAt, invocation.Now),
                                o.CreatedBy,
                            ]));
            }

            return ExitCode.Ok;
        });

    private static FleetCommand CreateRemove(CommandActions actions)
    {
        var name = actions.Names.OperatorArgument();
        var command = new FleetCommand(
            "remove", "Revokes an operator's credentials at once. The last admin cannot be removed.", "fleet operator remove anna")
        {
            name,
        };
        return actions.Online(command, async invocation =>
        {
            var response = await invocation.Connection.Admin.RemoveOperatorAsync(
                new RemoveOperatorRequest { Name = invocation.Get(name) }, invocation.Connection.Unary);
            if (invocation.Json)
            {
                invocation.Out.Message(response);
            }
            else
            {
                invocation.Out.Line($"{invocation.Get(name)} is removed.");
            }

            return ExitCode.Ok;
        });
    }
}
