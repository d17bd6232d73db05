using Fleet.Cli.Outcomes;
using Fleet.Cli.Tests.Scripted;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Tests.Retention;

public sealed class AcceptClockCommandTests : IAsyncLifetime
{
    private readonly Terminal _terminal = new() { Time = Fleets.Clock() };
    private ScriptedCoordinator _coordinator = null!;

    public async ValueTask InitializeAsync()
    {
        _coordinator = await ScriptedCoordinator.StartAsync();
        _terminal.With(_coordinator);
        _coordinator.Script.On<StartActionRequest, Run>(
            "StartAction", r => new Run { RunId = new string('1', 32), HostName = r.Host, State = RunState.Queued });
    }

    public async ValueTask DisposeAsync()
    {
        await _coordinator.DisposeAsync();
        _terminal.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task AcceptClock_Host_StartsARunThatSaysWhy(bool dryRun)
    {
        string[] more = dryRun ? ["--dry-run"] : [];

        Assert.Equal(
            ExitCode.Ok,
            await _terminal.RunAsync(["retention", "accept-clock", "nas", "--why", "its battery was empty", "--no-follow", .. more]));

        var request = Assert.Single(_coordinator.Script.Requests<StartActionRequest>("StartAction"));
        Assert.Equal(
            ("nas", "its battery was empty", new ClockAcceptAction { DryRun = dryRun }),
            (request.Host, request.Note, request.Action.ClockAccept));
    }

    [Fact]
    public async Task AcceptClock_WithoutAReason_StartsNothing()
    {
        Assert.NotEqual(ExitCode.Ok, await _terminal.RunAsync("retention", "accept-clock", "nas"));

        Assert.Contains("--why", _terminal.Error, StringComparison.Ordinal);
        Assert.Empty(_coordinator.Script.Requests<StartActionRequest>("StartAction"));
    }
}
