using Fleet.Cli.Outcomes;
using Fleet.Cli.Tests.Scripted;
using Fleet.Protocol.V1;
using Google.Protobuf;

namespace Fleet.Cli.Tests.RealCoordinator;

/// <summary>What the scripted coordinator promises, the real one keeps.</summary>
public sealed class RealCoordinatorTests(CoordinatorProcess coordinator) : IClassFixture<CoordinatorProcess>, IDisposable
{
    private readonly Terminal _terminal = new();

    public void Dispose() => _terminal.Dispose();

    private Task<int> FleetAsync(params string[] arguments) => FleetAsync(CancellationToken.None, arguments);

    private Task<int> FleetAsync(CancellationToken cancellation, params string[] arguments)
    {
        _terminal.Variables.TryAdd("FLEET_CREDENTIAL", coordinator.CredentialFile);
        return _terminal.RunAsync(cancellation, [.. arguments, "--timeout", "60s"]);
    }

    private string Policy(string name) => _terminal.WriteFile($"{name}.yaml", $$"""
        policy: {{name}}
        labels: {nobody: has-this}
        every: 15m
        rsync: {source: /srv, destination: /backup, mode: copy}
        """);

    [Theory]
    [InlineData("status")]
    [InlineData("hosts")]
    [InlineData("policies")]
    [InlineData("runs")]
    [InlineData("top", "--once")]
    [InlineData("whoami")]
    [InlineData("version")]
    [InlineData("audit")]
    [InlineData("token", "list")]
    [InlineData("operator", "list")]
    public async Task Command_EmptyFleet_Succeeds(params string[] arguments)
    {
        Assert.Equal(ExitCode.Ok, await FleetAsync(arguments));
        Assert.Equal(ExitCode.Ok, await FleetAsync([.. arguments, "--json"]));
        Assert.Equal("", _terminal.Error);
    }

    [Fact]
    public async Task Events_FromTheOldest_AreListed()
    {
        Assert.Equal(ExitCode.Ok, await FleetAsync("apply", "-f", Policy("an-event")));
        Assert.Equal(ExitCode.Ok, await FleetAsync("events", "--after", "0"));
        Assert.Contains("an-event", _terminal.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("No such events", _terminal.Error, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Ok, await FleetAsync("events", "--after", "0", "--json"));
    }

    [Theory]
    [InlineData("host", "nobody")]
    [InlineData("policy", "nothing")]
    [InlineData("runs", "show", "0123456789")]
    [InlineData("logs", "0123456789")]
    [InlineData("cancel", "0123456789")]
    [InlineData("run", "nothing")]
    [InlineData("metrics", "nobody")]
    [InlineData("token", "revoke", "zzzzzzzz")]
    [InlineData("operator", "remove", "nobody")]
    [InlineData("host", "remove", "nobody", "--yes")]
    public async Task Command_NoSuchThing_EndsWithFive(params string[] arguments)
    {
        Assert.Equal(ExitCode.NotFound, await FleetAsync(arguments));
        Assert.StartsWith("error: ", _terminal.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_TwiceAndDelete_IsANoOpTheSecondTime()
    {
        var file = Policy("twice");

        Assert.Equal(ExitCode.Ok, await FleetAsync("apply", "-f", file, "--dry-run"));
        Assert.Equal(ExitCode.NotFound, await FleetAsync("policy", "twice"));
        Assert.Equal(ExitCode.Ok, await FleetAsync("apply", "-f", file));
        Assert.Equal(ExitCode.Ok, await FleetAsync("apply", "-f", file));
        Assert.Equal(ExitCode.Ok, await FleetAsync("delete", "twice"));
        Assert.Equal(ExitCode.Ok, await FleetAsync("delete", "twice"));

        Assert.Contains("twice would be created (revision 1), applies to no host", _terminal.Output, StringComparison.Ordinal);
        Assert.Contains("twice created (revision 1)", _terminal.Output, StringComparison.Ordinal);
        Assert.Contains("twice unchanged (revision 1)", _terminal.Output, StringComparison.Ordinal);
        Assert.Contains("There is no policy twice; nothing was changed.", _terminal.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_UnknownHostAndRelativePath_NamesFileAndLine()
    {
        var file = _terminal.WriteFile("bad.yaml", """
            policy: bad
            hosts:
              - nobody
            rsync:
              source: relative
              destination: /backup
              mode: mirror
            """);

        Assert.Equal(ExitCode.Refused, await FleetAsync("apply", "-f", file));

        Assert.Contains($"{file}:3:5: hosts[0]: ", _terminal.Error, StringComparison.Ordinal);
        Assert.Contains($"{file}:5:11: rsync.source.path: must be absolute", _terminal.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Operator_Viewer_SeesButMayNotChange()
    {
        var credential = Path.Combine(_terminal.Home, "viewer.json");
        Assert.Equal(ExitCode.Ok, await FleetAsync("operator", "create", "viewer-1", "--role", "viewer", "--output", credential));
        _terminal.Variables["FLEET_CREDENTIAL"] = credential;

        Assert.Equal(ExitCode.Ok, await FleetAsync("status"));
        Assert.Equal(ExitCode.NotPermitted, await FleetAsync("apply", "-f", Policy("forbidden")));
        Assert.Equal(ExitCode.NotPermitted, await FleetAsync("token", "create"));

        _terminal.Variables["FLEET_CREDENTIAL"] = coordinator.CredentialFile;
        Assert.Equal(ExitCode.Ok, await FleetAsync("operator", "remove", "viewer-1"));
        _terminal.Variables["FLEET_CREDENTIAL"] = credential;
        Assert.Equal(ExitCode.NotPermitted, await FleetAsync("status"));
    }

    [Fact]
    public async Task Operator_ClientCertificate_IsWhoItSays()
    {
        var credential = Path.Combine(_terminal.Home, "certificate.json");
        Assert.Equal(
            ExitCode.Ok, await FleetAsync("operator", "create", "dashboard", "--role", "viewer", "--certificate", "--output", credential));
        _terminal.Variables["FLEET_CREDENTIAL"] = credential;

        Assert.Equal(ExitCode.Ok, await FleetAsync("whoami"));

        Assert.Contains("client certificate", _terminal.Output, StringComparison.Ordinal);
        Assert.Contains("dashboard", _terminal.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_CreatedAndRevoked_ShowsSoInListAndAudit()
    {
        Assert.Equal(
            ExitCode.Ok,
            await FleetAsync("token", "create", "--uses", "3", "--lifetime", "1d", "--label", "site=berlin", "--note", "rack 2"));
        var id = _terminal.Output.Split('.')[1];
        Assert.Matches("^fleet1\\.[a-z0-9]{8}\\.[a-z0-9]+\\.[0-9a-f]{64}\n", _terminal.Output);
        Assert.Equal(ExitCode.Ok, await FleetAsync("token", "revoke", id));
        Assert.Equal(ExitCode.Ok, await FleetAsync("token", "list"));
        Assert.Equal(ExitCode.Ok, await FleetAsync("audit"));

        Assert.Matches($"{id} +revoked +0 of 3 .*site=berlin +admin +rack 2", _terminal.Output);
        Assert.Matches($"operator:admin +127.0.0.1 +RevokeJoinToken +{id} +OK", _terminal.Output);
    }

    [Fact]
    public async Task Events_CoordinatorKilled_AreFollowedWithoutAGapOrADuplicate()
    {
        await using var mortal = new CoordinatorProcess();
        await mortal.InitializeAsync();
        _terminal.Variables["FLEET_CREDENTIAL"] = mortal.CredentialFile;
        using var ctrlC = new CancellationTokenSource();
        using var follower = new Terminal();
        follower.Variables["FLEET_CREDENTIAL"] = mortal.CredentialFile;
        var following = follower.RunAsync(ctrlC.Token, "events", "-f", "--after", "0", "--type", "policy.*", "--json");

        Assert.Equal(ExitCode.Ok, await FleetAsync("apply", "-f", Policy("before")));
        await follower.WaitForOutputAsync("\"before\"");
        await mortal.KillAsync();
        await mortal.StartAsync();
        Assert.Equal(ExitCode.Ok, await FleetAsync("apply", "-f", Policy("after")));
        await follower.WaitForOutputAsync("\"after\"");
        await ctrlC.CancelAsync();

        Assert.Equal(ExitCode.Cancelled, await following.WaitAsync(TimeSpan.FromSeconds(60)));
        var events = follower.Output.TrimEnd('\n').Split('\n').Select(JsonParser.Default.Parse<Event>).ToList();
        Assert.Equal(["before", "after"], events.Select(e => e.Policy));
        Assert.Equal(events.Select(e => e.Sequence).Order().Distinct(), events.Select(e => e.Sequence));
        Assert.Contains("lost the coordinator", follower.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_Policy_RoundTripsThroughTheProtoMapping()
    {
        Assert.Equal(ExitCode.Ok, await FleetAsync("apply", "-f", Policy("json")));
        using var terminal = new Terminal();
        terminal.Variables["FLEET_CREDENTIAL"] = coordinator.CredentialFile;

        Assert.Equal(ExitCode.Ok, await terminal.RunAsync("policy", "json", "--json"));

        var policy = Policy_.Parse(terminal.Output);
        Assert.Equal(TimeSpan.FromMinutes(15), policy.Spec.Schedule.Every.ToTimeSpan());
        Assert.Equal("/srv", policy.Spec.Action.Rsync.Source.Path.ToStringUtf8());
        Assert.Equal("admin", policy.UpdatedBy);
    }

    private static class Policy_
    {
        public static Policy Parse(string json) => JsonParser.Default.Parse<Policy>(json);
    }
}
