using Fleet.Coordinator.Limits;

namespace Fleet.Coordinator.Tests.Limits;

public sealed class ByteGateTests
{
    [Fact]
    public async Task Enter_WithoutRoom_WaitsForItsTurn()
    {
        var gate = new ByteGate(100);
        await gate.EnterAsync(60, CancellationToken.None);
        var second = gate.EnterAsync(60, CancellationToken.None);
        var third = gate.EnterAsync(10, CancellationToken.None);
        Assert.False(second.IsCompleted || third.IsCompleted);

        gate.Leave(60);

        await second;
        await third;
    }

    [Fact]
    public async Task Enter_GivenUpWhileItWaits_LeavesRoomForTheNext()
    {
        var gate = new ByteGate(100);
        await gate.EnterAsync(60, CancellationToken.None);
        using var stop = new CancellationTokenSource();
        var second = gate.EnterAsync(60, stop.Token);
        var third = gate.EnterAsync(40, CancellationToken.None);

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        await third;
    }

    [Fact]
    public async Task Enter_WithMoreThanAll_GoesAlone()
    {
        var gate = new ByteGate(100);

        await gate.EnterAsync(500, CancellationToken.None);
        var other = gate.EnterAsync(1, CancellationToken.None);
        Assert.False(other.IsCompleted);
        gate.Leave(500);

        await other;
    }
}
