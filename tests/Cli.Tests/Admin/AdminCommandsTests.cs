using Fleet.Cli.Admin;
using Fleet.Cli.Connection;
using Fleet.Cli.Outcomes;
using Fleet.Cli.Tests.Scripted;
using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Cli.Tests.Admin;

public sealed class AdminCommandsTests : IAsyncLifetime
{
    private readonly Terminal _terminal = new() { Time = Fleets.Clock() };
    private ScriptedCoordinator _coordinator = null!;

    public async ValueTask InitializeAsync()
    {
        _coordinator = await ScriptedCoordinator.StartAsync();
        _coordinator.Script
            .On<CreateOperatorRequest, CreateOperatorResponse>("CreateOperator", r => new CreateOperatorResponse
            {
                Operator = new Operator { Name = r.Name, Role = r.Role, ExpiresAt = Fleets.In("365d") },
                BearerToken = r.CsrPem.Length == 0 ? "fleetop.new.secret" : "",
                CertificatePem = r.CsrPem.Length == 0 ? "" : _coordinator.Sign(r.CsrPem),
                CaCertificatePem = _coordinator.Authority.CertificatePem,
            })
            .On<WhoAmIRequest, Operator>("WhoAmI", _ => new Operator { Name = "anna" });
        _terminal.With(_coordinator);
    }

    public async ValueTask DisposeAsync()
    {
        await _coordinator.DisposeAsync();
        _terminal.Dispose();
    }

    [Fact]
    public async Task TokenCreate_Defaults_PrintsTheTokenAlone()
    {
        _coordinator.Script.On<CreateJoinTokenRequest, CreateJoinTokenResponse>("CreateJoinToken", r => new CreateJoinTokenResponse
        {
            Token = new JoinToken { TokenId = "k3m9x0ab", MaxUses = r.MaxUses, ExpiresAt = Fleets.In("1h") },
            Secret = "fleet1.k3m9x0ab.secret.hash",
        });

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("token", "create"));

        var request = Assert.Single(_coordinator.Script.Requests<CreateJoinTokenRequest>("CreateJoinToken"));
        Assert.Equal((1, TimeSpan.FromHours(1)), (request.MaxUses, request.Lifetime.ToTimeSpan()));
        Assert.True(Guid.TryParse(request.RequestId, out _));
        Assert.Equal("fleet1.k3m9x0ab.secret.hash\n", _terminal.Output);

        // 127.0.0.1 is another machine on every host.
        Assert.Equal($"""
            valid for 1 host until 2026-11-20 21:00:00; it is not shown again. On the host:
              fleet-agent enroll https://COORDINATOR:{_coordinator.Port} TOKEN
              {AddressForOthers.Of([], new Uri($"https://127.0.0.1:{_coordinator.Port}")).Explanation}

            """, _terminal.Error);
    }

    [Theory]
    [InlineData(false, "TOKEN")]
    [InlineData(true, "fleet1.k3m9x0ab.secret.hash")]
    public async Task TokenCreate_CoordinatorKnowsItsAddresses_PrintsTheLineToPaste(bool isTerminal, string token)
    {
        _terminal.IsTerminal = isTerminal;
        _coordinator.Script.On<CreateJoinTokenRequest, CreateJoinTokenResponse>("CreateJoinToken", r => new CreateJoinTokenResponse
        {
            Token = new JoinToken { TokenId = "k3m9x0ab", MaxUses = r.MaxUses, ExpiresAt = Fleets.In("1h") },
            Secret = "fleet1.k3m9x0ab.secret.hash",
            CoordinatorAddresses = { "https://fleet.example.org:7443", "https://192.0.2.7:7443" },
        });

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("token", "create"));

        Assert.Equal("fleet1.k3m9x0ab.secret.hash\n", _terminal.Output);
        Assert.EndsWith(
            $"\n  fleet-agent enroll https://fleet.example.org:7443 {token}\n  If the host cannot reach that, try: https://192.0.2.7:7443.\n",
            _terminal.Error,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("https://fleet.example.org:7443", "https://fleet.example.org:7443")]
    [InlineData("https://fleet.example.org:443", "https://fleet.example.org:443")]
    [InlineData("https://localhost:7443", "https://COORDINATOR:7443")]
    [InlineData("https://[::1]:7443", "https://COORDINATOR:7443")]
    public void AddressForOthers_CoordinatorSaysNothing_LoopbackIsNeverHandedOut(string called, string address) =>
        Assert.Equal(address, AddressForOthers.Of([], new Uri(called)).Best);

    [Theory]
    [InlineData("token revoke k3m9x0ba", "k3m9x0ab")]
    [InlineData("operator remove ana", "anna")]
    public async Task Remove_NameThatIsNot_SaysWhichWasMeant(string line, string meant)
    {
        foreach (var method in (string[])["RevokeJoinToken", "RemoveOperator"])
        {
            _coordinator.Script.Fails(method, StatusCode.NotFound, Reason.NotFound, "there is none", "");
        }

        _coordinator.Script
            .On<ListJoinTokensRequest, ListJoinTokensResponse>(
                "ListJoinTokens", _ => new ListJoinTokensResponse { Tokens = { new JoinToken { TokenId = "k3m9x0ab" } } })
            .On<ListOperatorsRequest, ListOperatorsResponse>(
                "ListOperators", _ => new ListOperatorsResponse { Operators = { new Operator { Name = "anna" } } });

        Assert.Equal(ExitCode.NotFound, await _terminal.RunAsync(line.Split(' ')));

        Assert.Equal($"error: there is none\n  what to do: did you mean {meant}?\n", _terminal.Error);
    }

    [Fact]
    public async Task TokenList_All_ShowsTheirState()
    {
        _coordinator.Script.On<ListJoinTokensRequest, ListJoinTokensResponse>("ListJoinTokens", _ => new ListJoinTokensResponse
        {
            Tokens =
            {
                new JoinToken
                {
                    TokenId = "aaaaaaaa",
                    MaxUses = 5,
                    Uses = 2,
                    ExpiresAt = Fleets.In("1h"),
                    CreatedBy = "anna",
                    Labels = { ["site"] = "berlin" },
                },
                new JoinToken
                {
                    TokenId = "bbbbbbbb",
                    MaxUses = 1,
                    Uses = 1,
                    ExpiresAt = Fleets.In("1h"),
                    CreatedBy = "anna",
                    HostName = "web1",
                },
                new JoinToken { TokenId = "cccccccc", MaxUses = 1, ExpiresAt = Fleets.At("1h"), CreatedBy = "anna", Note = "rack 2" },
                new JoinToken { TokenId = "dddddddd", MaxUses = 1, ExpiresAt = Fleets.In("1h"), CreatedBy = "anna", Revoked = true },
            },
        });

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("token", "list"));

        Assert.Equal("""
            TOKEN     STATE    USES    EXPIRES  HOST  LABELS       BY    NOTE
            aaaaaaaa  valid    2 of 5  in 1h    any   site=berlin  anna
            bbbbbbbb  used up  1 of 1  in 1h    web1               anna
            cccccccc  expired  0 of 1  1h ago   any                anna  rack 2
            dddddddd  revoked  0 of 1  in 1h    any                anna

            """, _terminal.Output);
    }

    [Fact]
    public async Task OperatorCreate_Output_WritesACredentialThatOnlyItsOwnerReads()
    {
        var file = Path.Combine(_terminal.Home, "anna.json");

        Assert.Equal(
            ExitCode.Ok,
            await _terminal.RunAsync("operator", "create", "anna", "--role", "operator", "--lifetime", "30d", "--output", file));

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Equal("fleetop.new.secret", Credential.Parse(File.ReadAllBytes(file), file).Value!.BearerToken);
        Assert.DoesNotContain("secret", _terminal.Output, StringComparison.Ordinal);
        var request = Assert.Single(_coordinator.Script.Requests<CreateOperatorRequest>("CreateOperator"));
        Assert.Equal((Role.Operator, TimeSpan.FromDays(30)), (request.Role, request.Lifetime.ToTimeSpan()));
        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("whoami", "--credential", file));
        Assert.Equal("Bearer fleetop.new.secret", _coordinator.Script.Calls.Last().Authorization);
    }

    [Fact]
    public async Task OperatorCreate_Certificate_MakesACredentialThatWorksWithoutAToken()
    {
        var file = Path.Combine(_terminal.Home, "dashboard.json");

        Assert.Equal(
            ExitCode.Ok,
            await _terminal.RunAsync("operator", "create", "dashboard", "--role", "viewer", "--certificate", "--output", file));
        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("whoami", "--credential", file));

        Assert.Null(_coordinator.Script.Calls.Last().Authorization);
        Assert.Contains("PRIVATE KEY", File.ReadAllText(file), StringComparison.Ordinal);
        Assert.DoesNotContain(
            "PRIVATE KEY",
            Assert.Single(_coordinator.Script.Requests<CreateOperatorRequest>("CreateOperator")).CsrPem,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task OperatorCreate_FileThatIsThere_IsNotOverwrittenAndNothingIsMade()
    {
        var file = _terminal.WriteFile("anna.json", "precious");

        Assert.Equal(ExitCode.Refused, await _terminal.RunAsync("operator", "create", "anna", "--role", "viewer", "-o", file));

        Assert.Equal("precious", File.ReadAllText(file));
        Assert.Empty(_coordinator.Script.Calls);
    }

    [Fact]
    public async Task Audit_Entries_ShowWhoDidWhat()
    {
        _coordinator.Script.On<ListAuditRequest, ListAuditResponse>("ListAudit", r => new ListAuditResponse
        {
            Entries =
            {
                new AuditEntry
                {
                    Sequence = 2,
                    At = Fleets.At("1h"),
                    Who = "operator:anna",
                    From = "192.0.2.1",
                    What = "/fleet.v1.AdminService/RemoveHost",
                    Subject = "web1",
                    Outcome = "OK",
                    Detail = "sold\n",
                },
                new AuditEntry
                {
                    Sequence = 1,
                    At = Fleets.At("2h"),
                    Who = "anonymous",
                    From = "192.0.2.66",
                    What = "/fleet.v1.AgentService/Enroll",
                    Subject = "x",
                    Outcome = "UNAUTHENTICATED TOKEN_INVALID",
                },
            },
        });

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("audit", "--who", "anna"));

        Assert.Equal("anna", Assert.Single(_coordinator.Script.Requests<ListAuditRequest>("ListAudit")).Who);
        Assert.Equal("""
            AT                   WHO            FROM        WHAT        SUBJECT  OUTCOME                        DETAIL
            2026-11-20 19:00:00  operator:anna  192.0.2.1   RemoveHost  web1     OK                             sold\n
            2026-11-20 18:00:00  anonymous      192.0.2.66  Enroll      x        UNAUTHENTICATED TOKEN_INVALID

            """, _terminal.Output);
    }
}
