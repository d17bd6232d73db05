using System.Text.Json;
using Fleet.Cli.Outcomes;
using Fleet.Cli.Tests.Scripted;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Tests.Status;

public sealed class StatusCommandTests : IAsyncLifetime
{
    private readonly Terminal _terminal = new() { Time = Fleets.Clock() };
    private ScriptedCoordinator _coordinator = null!;

    private static GetStatusResponse Healthy => new()
    {
        HostsTotal = 2,
        HostsOnline = 2,
        PoliciesTotal = 1,
        ProtectionsOk = 2,
        ProtectionsTotal = 2,
        RunsSucceeded24H = 48,
        CoordinatorVersion = "0.1.0",
        At = Fleets.At("0s"),
        StartedAt = Fleets.At("3h5m"),
        LastEventSequence = 900,
    };

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

    private GetStatusResponse Troubled()
    {
        var status = Healthy;
        status.Attention.Add(new Attention
        {
            Severity = AttentionSeverity.Critical,
            Code = "policy_stale",
            HostName = "web1",
            Policy = "nightly-home",
            Message = "the newest success is 3d old, the limit is 2d",
            WhatToDo = "see why: fleet runs --policy nightly-home --host web1",
            Since = Fleets.At("1d"),
        });
        status.Attention.Add(new Attention
        {
            Severity = AttentionSeverity.Warning,
            Code = "filesystem_full",
            HostName = "nas",
            Message = "/backup\u001b[2J[red]x[/] is 96 % full",
            Since = Fleets.At("20m"),
        });
        _coordinator.Script.On<GetStatusRequest, GetStatusResponse>("GetStatus", _ => status);
        return status;
    }

    [Fact]
    public async Task Status_NothingWrong_SaysSoFirst()
    {
        _coordinator.Script.On<GetStatusRequest, GetStatusResponse>("GetStatus", _ => Healthy);

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("status", "--exit-code"));

        Assert.Equal($"""
            Nothing needs attention.

            hosts        2 of 2 online
            protected    2 of 2 (policy on host), 1 policy
            runs         0 running, 0 queued; last 24 h: 48 succeeded, 0 failed
            coordinator  0.1.0, up 3h5m, {_coordinator.Address}

            """, _terminal.Output);
    }

    [Fact]
    public async Task Status_Trouble_IsFirstWithWhatToDo()
    {
        Troubled();

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("status"));

        Assert.StartsWith("""
            2 things need attention, 1 critical
              CRITICAL  nightly-home on web1: the newest success is 3d old, the limit is 2d (since 1d ago)
                        see why: fleet runs --policy nightly-home --host web1
              WARNING   nas: /backup\x1b[2J[red]x[/] is 96 % full (since 20m ago)

            hosts        2 of 2 online
            """, _terminal.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_ExitCodeAsked_SaysThatSomethingIsWrong()
    {
        Troubled();

        Assert.Equal(ExitCode.NotWell, await _terminal.RunAsync("status", "--exit-code"));
    }

    [Fact]
    public async Task Status_Json_IsTheResponseInOneLine()
    {
        var status = Troubled();

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("status", "--json"));

        Assert.Equal(status, GetStatusResponse.Parser.ParseJson(_terminal.Output));
        using var document = JsonDocument.Parse(_terminal.Output);
        Assert.Equal("ATTENTION_SEVERITY_CRITICAL", document.RootElement.GetProperty("attention")[0].GetProperty("severity").GetString());
        Assert.Equal(0, document.RootElement.GetProperty("runsQueued").GetInt32());
        Assert.Equal("900", document.RootElement.GetProperty("lastEventSequence").GetString());
        Assert.DoesNotContain('\u001b', _terminal.Output);
    }

    [Theory]
    [InlineData("xterm-256color", "", true)]
    [InlineData("xterm-256color", "1", false)]
    [InlineData("dumb", "", false)]
    public async Task Status_Terminal_IsColouredUnlessItCannotOrMustNot(string term, string noColor, bool coloured)
    {
        Troubled();
        _terminal.IsTerminal = true;
        _terminal.Variables["TERM"] = term;
        _terminal.Variables["NO_COLOR"] = noColor;

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("status"));

        Assert.Equal(coloured, _terminal.Output.Contains("\u001b[", StringComparison.Ordinal));
        Assert.DoesNotContain("\u001b[2J", _terminal.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(24, false, 16)]
    [InlineData(24, true, 100)]
    [InlineData(10, false, 2)]
    [InlineData(5, false, 1)]
    public async Task Status_MoreThanTheScreenHolds_KeepsTheWorstInSight(int height, bool all, int shown)
    {
        var status = Healthy;
        status.Attention.Add(Enumerable.Range(0, 100).Select(
            i => new Attention { Severity = i < 20 ? AttentionSeverity.Critical : AttentionSeverity.Warning, Message = $"number {i}" }));
        _coordinator.Script.On<GetStatusRequest, GetStatusResponse>("GetStatus", _ => status);
        (_terminal.IsTerminal, _terminal.Height) = (true, height);

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync(["status", .. all ? new[] { "--all" } : []]));

        var lines = _terminal.Output.TrimEnd('\n').Split('\n');
        Assert.Equal("100 things need attention, 20 critical", lines[0]);
        Assert.Equal("  CRITICAL  number 0", lines[1]);
        Assert.Equal(shown, lines.Count(l => l.Contains(" number ", StringComparison.Ordinal)));
        if (all)
        {
            Assert.Equal("100 things need attention, 20 critical, worst first", lines[^1]);
        }
        else
        {
            Assert.Contains($"  ... and {100 - shown} ({Math.Max(0, 20 - shown)} critical) more: fleet status --all", lines);
            Assert.True(lines.Length < height || shown == 1);
        }
    }

    [Fact]
    public async Task Status_EightyColumns_GoOnBelowTheMessageAndBreakNoWord()
    {
        var status = Healthy;
        status.Attention.Add(new Attention
        {
            Severity = AttentionSeverity.Warning,
            Message = "tank/vm/databases@fleet_nightly-databases_20261120T205500Z vanished from nas without a run of Fleet's",
            WhatToDo = "look for it: fleet snapshots --gone --dataset tank/vm/databases --policy nightly-databases --host nas",
        });
        _coordinator.Script.On<GetStatusRequest, GetStatusResponse>("GetStatus", _ => status);
        (_terminal.IsTerminal, _terminal.Height) = (true, 40);

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("status"));

        Assert.StartsWith("""
            1 thing needs attention
              WARNING   tank/vm/databases@fleet_nightly-databases_20261120T205500Z vanished
                        from nas without a run of Fleet's
                        look for it: fleet snapshots --gone --dataset tank/vm/databases
                        --policy nightly-databases --host nas

            """, _terminal.Output, StringComparison.Ordinal);
    }
}
