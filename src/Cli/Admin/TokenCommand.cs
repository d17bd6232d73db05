using System.CommandLine;
using Fleet.Cli.Commands;
using Fleet.Cli.Connection;
using Fleet.Cli.Options;
using Fleet.Cli.Outcomes;
using Fleet.Cli.Output;
using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Cli.Admin;

/// <summary><c>fleet token create|list|revoke</c>: join tokens for new hosts.</summary>
internal static class TokenCommand
{
    public static Command Create(CommandActions actions) => new FleetCommand(
        "token",
        "Join tokens, with which hosts enrol.",
        "fleet token create",
        "fleet token list",
        "fleet token revoke k3m9x0ab")
    {
        CreateCreate(actions),
        CreateList(actions),
        CreateRevoke(actions),
    };

    private static FleetCommand CreateCreate(CommandActions actions)
    {
        var uses = Counts.Option("--uses", "How many hosts may enrol with it, 1 to 1000. Default 1.", 1, 1_000);
        var lifetime = Durations.Option(
            "--lifetime", "How long it is valid, 1m to 30d. Default 1h.", TimeSpan.FromMinutes(1), TimeSpan.FromDays(30));
        var host = new Option<string?>("--host") { Description = "Only a host of this name may use it.", HelpName = "NAME" };
        var labels = Labels.Option("--label", "Label for the hosts that enrol with it. May be given several times.");
        var note = new Option<string?>("--note") { Description = "What it is for: a note for people.", HelpName = "TEXT" };
        var command = new FleetCommand(
            "create",
            "Creates a join token and prints it once. Then, on the new host: fleet-agent enroll ADDRESS TOKEN",
            "fleet token create",
            "fleet token create --uses 20 --lifetime 1d --label site=berlin --note 'new rack'",
            "ssh root@web1 fleet-agent enroll https://fleet.example.org:7443 $(fleet token create)")
        {
            uses,
            lifetime,
            host,
            labels,
            note,
        };
        return actions.Online(command, async invocation =>
        {
            var request = new CreateJoinTokenRequest
            {
                MaxUses = (int)(invocation.Get(uses) ?? 1),
                Lifetime = Duration.FromTimeSpan(invocation.Get(lifetime) ?? TimeSpan.FromHours(1)),
                HostName = invocation.Get(host) ?? "",
                Note = invocation.Get(note) ?? "",
                RequestId = Guid.NewGuid().ToString(),
            };
            request.Labels.Add(invocation.Get(labels) ?? []);
            var response = await invocation.Connection.Admin.CreateJoinTokenAsync(request, invocation.Connection.Unary);
            if (invocation.Json)
            {
                invocation.Out.Message(response);
                return ExitCode.Ok;
            }

            // Only the token goes to the output, so that $(fleet token create) is the token.
            invocation.Out.LogLine(response.Secret);
            var token = response.Token;
            var until = HumanText.Instant(token.ExpiresAt, invocation.Environment.Time);
            invocation.Out.Note($"valid for {HumanText.Count(token.MaxUses, "host")} until {until}; it is not shown again. On the host:");
            var addresses = AddressForOthers.Of(response.CoordinatorAddresses, invocation.Connection.Address);
            // The secret is shown only where it is on the screen anyway, not where the output goes into a variable.
            invocation.Out.Note(
                $"  fleet-agent enroll {addresses.Best} {(invocation.Environment.OutputIsTerminal ? response.Secret : "TOKEN")}");
            invocation.Out.Note($"  {addresses.Explanation}");

            return ExitCode.Ok;
        });
    }

    private static FleetCommand CreateList(CommandActions actions) =>
        actions.Online(new FleetCommand("list", "Lists join tokens, without their secrets.", "fleet token list"), async invocation =>
        {
            var tokens = await Paging.AllAsync<JoinToken>(async (size, page) =>
            {
                var response = await invocation.Connection.Admin.ListJoinTokensAsync(
                    new ListJoinTokensRequest { PageSize = size, PageToken = page }, invocation.Connection.Unary);
                return (response.Tokens, response.NextPageToken);
            });
            if (invocation.Json)
            {
                invocation.Out.Message(new ListJoinTokensResponse { Tokens = { tokens } });
            }
            else if (tokens.Count == 0)
            {
                invocation.Out.Line("No join tokens.");
            }
            else
            {
                invocation.Out.Table(["TOKEN", "STATE", "USES", "EXPIRES", "HOST", "LABELS", "BY", "NOTE"], tokens.Select(t => (Cell[])
                [
                    t.TokenId,
                    State(t, invocation.Now),
                    $"{t.Uses} of {t.MaxUses}",
                    HumanText.Relative(t.ExpiresAt, invocation.Now),
                    t.HostName.Length > 0 ? t.HostName : "any",
                    HumanText.Labels(t.Labels),
                    t.CreatedBy,
                    t.Note,
                ]));
            }

            return ExitCode.Ok;
        });

    private static Cell State(JoinToken token, DateTimeOffset now) => token switch
    {
        { Revoked: true } => new Cell("revoked", Tone.Quiet),
        { ExpiresAt: { } expires } when WireTime.InstantOf(expires) <= now => new Cell("expired", Tone.Quiet),
        _ when token.Uses >= token.MaxUses => new Cell("used up", Tone.Quiet),
        _ => new Cell("valid", Tone.Good),
    };

    private static FleetCommand CreateRevoke(CommandActions actions)
    {
        var id = actions.Names.TokenArgument();
        var command = new FleetCommand("revoke", "Revokes a join token. Hosts that enrolled with it stay.", "fleet token revoke k3m9x0ab")
        {
            id,
        };
        return actions.Online(command, async invocation =>
        {
            var response = await invocation.Connection.Admin.RevokeJoinTokenAsync(
                new RevokeJoinTokenRequest { TokenId = invocation.Get(id) }, invocation.Connection.Unary);
            if (invocation.Json)
            {
                invocation.Out.Message(response);
            }
            else
            {
                invocation.Out.Line($"{invocation.Get(id)} is revoked.");
            }

            return ExitCode.Ok;
        });
    }
}
