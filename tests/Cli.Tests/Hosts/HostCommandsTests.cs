using Fleet.Cli.Outcomes;
using Fleet.Cli.Tests.Scripted;
using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Cli.Tests.Hosts;

public sealed class HostCommandsTests : IAsyncLifetime
{
    private readonly Terminal _terminal = new() { Time = Fleets.Clock() };
    private ScriptedCoordinator _coordinator = null!;

    public async ValueTask InitializeAsync()
    {
        _coordinator = await ScriptedCoordinator.StartAsync();
        _coordinator.Script
            .On<ListHostsRequest, ListHostsResponse>("ListHosts", r => r.PageToken.Length == 0
                ? new ListHostsResponse { Hosts = { Fleets.Web1 }, NextPageToken = "more" }
                : new ListHostsResponse { Hosts = { Fleets.Nas } })
            .On<GetHostRequest, Host>("GetHost", _ => Fleets.Web1)
            .On<ListPoliciesRequest, ListPoliciesResponse>("ListPolicies", _ => new ListPoliciesResponse { Policies = { Fleets.Nightly } })
            .On<ListRunsRequest, ListRunsResponse>("ListRuns", _ => new ListRunsResponse { Runs = { Fleets.Succeeded } })
            .On<RemoveHostRequest, RemoveHostResponse>("RemoveHost", _ => new RemoveHostResponse { HostId = Fleets.Web1.HostId });
        _terminal.With(_coordinator);
    }

    public async ValueTask DisposeAsync()
    {
        await _coordinator.DisposeAsync();
        _terminal.Dispose();
    }

    [Fact]
    public async Task Hosts_NoTerminal_IsOneLineEach()
    {
        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("hosts"));

        Assert.Equal("""
            HOST  STATE    LAST SEEN  RUNS           AGENT  SYSTEM                          LABELS
            web1  online   now        1              0.1.0  Debian GNU/Linux 12 (bookworm)  role=web site=berlin
            nas   offline  3h ago     0 (+2 queued)  0.1.0  evil\x1b[2J[red]OS[/]\n

            """, _terminal.Output);
    }

    [Theory]
    [InlineData(80)]
    [InlineData(120)]
    [InlineData(40)]
    public async Task Hosts_Terminal_FitsItsWidth(int width)
    {
        _terminal.IsTerminal = true;
        _terminal.Width = width;
        _terminal.Variables["TERM"] = "xterm";
        _terminal.Variables["NO_COLOR"] = "1";

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("hosts"));

        Assert.All(_terminal.Output.Split('\n'), line => Assert.True(line.Length <= width, line));
        Assert.Contains("web1", _terminal.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', _terminal.Output);
    }

    [Fact]
    public async Task Hosts_Filters_GoIntoTheRequest()
    {
        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("hosts", "--state", "never-seen", "--label", "role=web", "--label", "a=b=c"));

        var request = _coordinator.Script.Requests<ListHostsRequest>("ListHosts").First();
        Assert.Equal(HostState.NeverSeen, request.State);
        Assert.Equal("web", request.MatchLabels["role"]);
        Assert.Equal("b=c", request.MatchLabels["a"]);
    }

    [Fact]
    public async Task Hosts_Json_HasAllPagesInOneDocument()
    {
        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("hosts", "--json"));

        var hosts = ListHostsResponse.Parser.ParseJson(Assert.Single(_terminal.Output.TrimEnd('\n').Split('\n')));
        Assert.Equal([Fleets.Web1, Fleets.Nas], hosts.Hosts);
        Assert.Contains("\"clockOffset\": \"0.012s\"", _terminal.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Host_Name_ShowsWhatItIsWhatProtectsItAndWhatItDid()
    {
        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("host", "web1"));

        Assert.Equal("""
            host          web1
            id            0d9f8c1e-0000-4000-8000-000000000001
            state         online
            labels        role=web site=berlin
            last seen     now
            connected     2026-11-18 17:00:00 (2d3h ago)
            address       192.0.2.17
            enrolled      2026-10-21 20:00:00 (30d ago)
            certificate   until 2027-01-19 20:00:00 (in 60d)
            clock         12ms off
            agent         0.1.0
            system        Debian GNU/Linux 12 (bookworm)
            kernel        6.1.0-28-amd64 x86_64
            hardware      4 CPUs, 8.0 GiB memory, kvm
            tools         rsync 3.2.7
            guard allows  rsync, when it connected
            runs          1 running, 0 queued

            POLICY        STATE  LAST SUCCESS  NEXT
            nightly-home  ok     8h ago        in 16h

            RUN           POLICY        HOST  STATE      SCHEDULED  TOOK   RESULT
            3f9c2a81d0b4  nightly-home  web1  succeeded  2h ago     1m35s  done

            """, _terminal.Output);
    }

    [Fact]
    public async Task Host_Unknown_EndsWithFive()
    {
        _coordinator.Script.Fails("GetHost", StatusCode.NotFound, Reason.NotFound, "there is no host 'x'", "see fleet hosts");

        Assert.Equal(ExitCode.NotFound, await _terminal.RunAsync("host", "x"));
    }

    [Fact]
    public async Task Remove_WithoutTerminalAndYes_IsRefused()
    {
        Assert.Equal(ExitCode.Refused, await _terminal.RunAsync("host", "remove", "web1"));

        Assert.Empty(_coordinator.Script.Calls);
        Assert.Contains("add --yes", _terminal.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("web1\n", ExitCode.Ok, 1)]
    [InlineData("web2\n", ExitCode.Refused, 0)]
    [InlineData("", ExitCode.Refused, 0)]
    public async Task Remove_OnATerminal_AsksForTheName(string typed, int exitCode, int calls)
    {
        _terminal.IsTerminal = true;
        _terminal.Input = typed;

        Assert.Equal(exitCode, await _terminal.RunAsync("host", "remove", "web1"));

        Assert.Equal(calls, _coordinator.Script.Calls.Count);
    }

    [Fact]
    public async Task Remove_Yes_RemovesWithTheReason()
    {
        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("host", "remove", "web1", "--yes", "--reason", "sold"));

        Assert.Equal(
            new RemoveHostRequest { Host = "web1", Reason = "sold" },
            Assert.Single(_coordinator.Script.Requests<RemoveHostRequest>("RemoveHost")));
        Assert.Equal($"web1 is removed; its id {Fleets.Web1.HostId} will not be used again.\n", _terminal.Output);
    }

    [Theory]
    [InlineData(true, "Cleared for web1: connected from 192.0.2.1; refused from 192.0.2.2.\n")]
    [InlineData(false, "There is nothing to clear: no second machine with the identity of web1 is known.\n")]
    public async Task ClearDuplicate_SaysWhatWasCleared(bool cleared, string says)
    {
        _coordinator.Script.On<ClearDuplicateIdentityRequest, ClearDuplicateIdentityResponse>(
            "ClearDuplicateIdentity",
            _ => new ClearDuplicateIdentityResponse
            {
                Cleared = cleared,
                Detail = cleared ? "connected from 192.0.2.1; refused from 192.0.2.2" : "",
            });

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("host", "clear-duplicate", "web1", "--why", "gone"));

        Assert.Equal(
            new ClearDuplicateIdentityRequest { Host = "web1", Note = "gone" },
            Assert.Single(_coordinator.Script.Requests<ClearDuplicateIdentityRequest>("ClearDuplicateIdentity")));
        Assert.Equal(says, _terminal.Output);
    }

    [Fact]
    public async Task Host_NameThatIsNot_SaysWhichWasMeant()
    {
        _coordinator.Script.Fails("GetHost", Grpc.Core.StatusCode.NotFound, Reason.NotFound, "no host wbe1", "`fleet hosts` lists them");
        _coordinator.Script.On<ListHostsRequest, ListHostsResponse>(
            "ListHosts", _ => new ListHostsResponse { Hosts = { Fleets.Web1, Fleets.Nas } });

        Assert.Equal(ExitCode.NotFound, await _terminal.RunAsync("host", "wbe1"));

        Assert.Equal("error: no host wbe1\n  what to do: did you mean web1? `fleet hosts` lists them\n", _terminal.Error);
    }
}
