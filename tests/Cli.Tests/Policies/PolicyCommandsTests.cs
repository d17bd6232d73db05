using Fleet.Cli.Outcomes;
using Fleet.Cli.Tests.Scripted;
using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Cli.Tests.Policies;

public sealed class PolicyCommandsTests : IAsyncLifetime
{
    private const string File = """
        policy: nightly-home
        hosts: [web1]
        every: 30m
        rsync:
          source: relative
          destination: /backup
          mode: mirror
        """;

    private readonly Terminal _terminal = new() { Time = Fleets.Clock() };
    private ScriptedCoordinator _coordinator = null!;

    public async ValueTask InitializeAsync()
    {
        _coordinator = await ScriptedCoordinator.StartAsync();
        _terminal.With(_coordinator);
    }

    public async ValueTask DisposeAsync()
    {
        await _coordinator.DisposeAsync();
        _terminal.Dispose();
    }

    [Fact]
    public async Task Apply_WithoutACredential_StillSaysWhatIsWrongInTheFile()
    {
        using var newcomer = new Terminal();

        Assert.Equal(
            ExitCode.Refused,
            await newcomer.RunAsync("apply", "-f", newcomer.WriteFile("p.yaml", File.Replace("every", "evry", StringComparison.Ordinal))));
        Assert.Contains("p.yaml:3", newcomer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Apply_WithoutACredential_OfAGoodFile_AsksForOne()
    {
        using var newcomer = new Terminal();

        Assert.NotEqual(ExitCode.Ok, await newcomer.RunAsync("apply", "-f", newcomer.WriteFile("p.yaml", File)));
        Assert.Contains("credential", newcomer.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Policies_List_ShowsHowTheyStand()
    {
        _coordinator.Script.On<ListPoliciesRequest, ListPoliciesResponse>(
            "ListPolicies", _ => new ListPoliciesResponse { Policies = { Fleets.Nightly } });

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("policies"));

        Assert.Equal("""
            POLICY        WHEN      HOSTS  STATE            LAST SUCCESS  NEXT    WHAT
            nightly-home  every 1d  2      1 failing, 1 ok  3d ago        in 16h  rsync mirror: /home -> /backup/\xff

            """, _terminal.Output);
    }

    [Theory]
    [InlineData("policy", "nightly-home")]
    [InlineData("policies", "show", "nightly-home")]
    public async Task Policy_Name_ShowsItAndEachHost(params string[] arguments)
    {
        _coordinator.Script.On<GetPolicyRequest, Policy>("GetPolicy", _ => Fleets.Nightly);

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync(arguments));

        Assert.Equal("""
            policy                nightly-home
            description           Home directories to the backup disk
            what                  rsync mirror: /home -> /backup/\xff
            excludes              *.tmp
            bandwidth             10.0 MiB/s
            where                 web1, hosts with role=nas
            when                  every 1d
            timeout               6h
            must be fresher than  2d
            attempts              3
            revision              4, by anna, 2026-11-15 20:00:00 (5d ago)

            HOST  STATE    SINCE   LAST SUCCESS  NEXT    LAST RUN
            web1  ok       9d ago  8h ago        in 16h  3f9c2a81d0b4
            nas   failing  2d ago  3d ago        in 16h  a0b1c2d3e4f5

            """, _terminal.Output);
    }

    [Fact]
    public async Task Apply_DryRun_ShowsTheDifferenceInTheFilesWords()
    {
        _coordinator.Script.On<ApplyPoliciesRequest, ApplyPoliciesResponse>("ApplyPolicies", _ => new ApplyPoliciesResponse
        {
            Changes =
            {
                new PolicyChange
                {
                    Name = "nightly-home",
                    Kind = PolicyChangeKind.Updated,
                    Revision = 5,
                    Hosts = { "web1", "web2", "web3", "web4", "web5", "web6" },
                    Fields =
                    {
                        new FieldChange { Field = "schedule.every", Before = "15m", After = "30m" },
                        new FieldChange { Field = "action.rsync.bandwidth_limit_bytes_per_second", After = "10MiB" },
                    },
                    Warnings = { "it runs more often than it can finish" },
                },
                new PolicyChange { Name = "other", Kind = PolicyChangeKind.Unchanged, Revision = 2 },
            },
        });

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("apply", "-f", _terminal.WriteFile("p.yaml", File), "--dry-run"));

        Assert.True(Assert.Single(_coordinator.Script.Requests<ApplyPoliciesRequest>("ApplyPolicies")).DryRun);
        Assert.Equal("""
            nightly-home would be changed (revision 5), applies to web1, web2, web3, web4 and 2 more
              - every: 15m
              + every: 30m
              + rsync.bandwidth_limit: 10MiB
              warning: it runs more often than it can finish
            other unchanged (revision 2), applies to no host

            """, _terminal.Output);
    }

    [Fact]
    public async Task Apply_StandardInput_IsRead()
    {
        _coordinator.Script.On<ApplyPoliciesRequest, ApplyPoliciesResponse>("ApplyPolicies", _ => new ApplyPoliciesResponse());
        _terminal.Input = File;

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("apply", "-f", "-"));

        Assert.Equal(
            "nightly-home",
            Assert.Single(Assert.Single(_coordinator.Script.Requests<ApplyPoliciesRequest>("ApplyPolicies")).Policies).Name);
    }

    [Fact]
    public async Task Apply_CoordinatorRefusesAField_NamesFileAndLine()
    {
        _coordinator.Script.Fails(
            "ApplyPolicies",
            StatusCode.InvalidArgument,
            Reason.PolicyInvalid,
            "a policy is not valid; nothing was applied",
            "",
            new FieldViolation { Field = "policies[0].action.rsync.source.path", Message = "must be absolute" });
        var file = _terminal.WriteFile("p.yaml", File);

        Assert.Equal(ExitCode.Refused, await _terminal.RunAsync("apply", "-f", file));

        Assert.Equal(
            $"error: a policy is not valid; nothing was applied\n  {file}:5:11: rsync.source.path: must be absolute\n", _terminal.Error);
    }

    [Fact]
    public async Task Apply_OneBadFileOfTwo_SendsNothing()
    {
        var good = _terminal.WriteFile("good.yaml", File);
        var bad = _terminal.WriteFile("bad.yaml", "policy: x\nhots: [a]\ncommand: {program: /bin/true}\n");

        Assert.Equal(ExitCode.Refused, await _terminal.RunAsync("apply", "-f", good, bad));

        Assert.Empty(_coordinator.Script.Calls);
        Assert.Contains($"{bad}:2:1: unknown key 'hots': did you mean hosts?", _terminal.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "nightly-home is deleted; 1 queued run expired.\n")]
    [InlineData(false, "There is no policy nightly-home; nothing was changed.\n")]
    public async Task Delete_Name_SaysWhatItDid(bool deleted, string output)
    {
        _coordinator.Script.On<DeletePolicyRequest, DeletePolicyResponse>(
            "DeletePolicy", _ => new DeletePolicyResponse { Deleted = deleted, ExpiredRuns = 1 });

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("delete", "nightly-home"));

        Assert.Equal(output, _terminal.Output);
    }

    [Fact]
    public async Task Delete_WhileItRuns_SaysWhatBecomesOfIt()
    {
        _coordinator.Script.On<DeletePolicyRequest, DeletePolicyResponse>("DeletePolicy", _ => new DeletePolicyResponse
        {
            Deleted = true,
            RunningRuns = 1,
            Remains = { "web1: /backup/home stays; remove it by hand: rm -r /backup/home" },
        });

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("delete", "nightly-home"));

        Assert.Equal("""
            nightly-home is deleted.
            1 run continues to the end: fleet runs --policy nightly-home --state running; to stop one: fleet cancel RUN
            web1: /backup/home stays; remove it by hand: rm -r /backup/home

            """, _terminal.Output);
    }

    [Fact]
    public async Task Delete_NameThatIsNot_SaysWhichWasMeant()
    {
        _coordinator.Script
            .On<DeletePolicyRequest, DeletePolicyResponse>("DeletePolicy", _ => new DeletePolicyResponse())
            .On<ListPoliciesRequest, ListPoliciesResponse>("ListPolicies", _ => new ListPoliciesResponse { Policies = { Fleets.Nightly } });

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("delete", "nightly-hom"));

        Assert.Equal("There is no policy nightly-hom; nothing was changed: did you mean nightly-home?\n", _terminal.Output);
    }

    [Fact]
    public async Task Apply_Directory_TakesItsYamlFilesAndNoOthers()
    {
        _coordinator.Script.On<ApplyPoliciesRequest, ApplyPoliciesResponse>("ApplyPolicies", _ => new ApplyPoliciesResponse());
        foreach (var name in new[] { "b.yml", "a.yaml", "note.txt", ".hidden.yaml", "below/c.yaml" })
        {
            _terminal.WriteFile(
                $"policies/{name}",
                File.Replace("nightly-home", Path.GetFileNameWithoutExtension(name).Trim('.'), StringComparison.Ordinal));
        }

        Assert.Equal(
            ExitCode.Ok,
            await _terminal.RunAsync("apply", "-f", Path.Combine(_terminal.Home, "policies"), "-f", _terminal.WriteFile("z.yaml", File)));

        Assert.Equal(
            ["a", "b", "nightly-home"],
            Assert.Single(_coordinator.Script.Requests<ApplyPoliciesRequest>("ApplyPolicies")).Policies.Select(p => p.Name));
    }

    [Fact]
    public async Task Apply_DirectoryWithoutPolicies_IsRefused()
    {
        var folder = Path.GetDirectoryName(_terminal.WriteFile("policies/note.txt", "x"))!;

        Assert.Equal(ExitCode.Refused, await _terminal.RunAsync("apply", "-f", folder));

        Assert.Contains(
            $"{folder}: is a directory without policy files: no name in it ends in .yaml or .yml",
            _terminal.Error,
            StringComparison.Ordinal);
    }
}
