using Fleet.Cli.Outcomes;
using Fleet.Cli.Tests.Scripted;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Tests.Runs;

public sealed class CancelCommandTests : IAsyncLifetime
{
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

    [Theory]
    [InlineData(RunState.Cancelled, "a0b1c2d3e4f5 on nas is cancelled.\n")]
    [InlineData(RunState.Running, "a0b1c2d3e4f5 on nas has been asked to stop; it is still running.\n")]
    public async Task Cancel_Run_SaysHowFarItIs(RunState state, string output)
    {
        var run = Fleets.Failed;
        run.State = state;
        _coordinator.Script.On<CancelRunRequest, CancelRunResponse>("CancelRun", _ => new CancelRunResponse { Run = run });

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("cancel", "a0b1c2", "--reason", "wrong disk"));

        Assert.Equal(
            new CancelRunRequest { RunId = "a0b1c2", Reason = "wrong disk" },
            Assert.Single(_coordinator.Script.Requests<CancelRunRequest>("CancelRun")));
        Assert.Equal(output, _terminal.Output);
    }
}
