using System.Net;
using Fleet.Coordinator.Configuration;
using Fleet.Coordinator.Connections;
using Fleet.Coordinator.Limits;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fleet.Coordinator.Tests.Connections;

public sealed class ConnectionTableTests
{
    private readonly ConnectionTable _table = new(
        new CoordinatorOptions { MaxConnections = 64, MaxStrangers = 20, MaxStrangersPerAddress = 5 },
        new StrangerLog(TimeProvider.System, NullLogger<StrangerLog>.Instance),
        descriptors: 10_000);

    [Fact]
    public void TryAdmit_TooManyFromOneAddress_ClosesTheOneThatWasIdleLongest()
    {
        var connections = Enumerable.Range(0, 5).Select(_ => New(1)).ToList();
        Assert.All(connections, connection => Assert.True(_table.TryAdmit(connection)));
        connections[0].Features.Get<TrackedConnection>()!.CallBegins();
        connections[0].Features.Get<TrackedConnection>()!.CallEnds();

        Assert.True(_table.TryAdmit(New(1)));

        Assert.Equal([false, true, false, false, false], connections.Select(connection => connection.Aborted));
    }

    [Fact]
    public void TryAdmit_WhenEachHasACall_RefusesTheNewOne()
    {
        foreach (var connection in Enumerable.Range(0, 5).Select(_ => New(1)))
        {
            Assert.True(_table.TryAdmit(connection));
            connection.Features.Get<TrackedConnection>()!.CallBegins();
        }

        Assert.False(_table.TryAdmit(New(1)));
        Assert.True(_table.TryAdmit(New(2)));
    }

    [Fact]
    public void TryAdmit_ManyStrangers_NeverClosesAConnectionWithAnIdentity()
    {
        var agents = Enumerable.Range(0, 44).Select(i => New(i)).ToList();
        foreach (var agent in agents)
        {
            Assert.True(_table.TryAdmit(agent));
            agent.Features.Get<TrackedConnection>()!.Identified();
        }

        var strangers = Enumerable.Range(0, 500).Select(i => New(100 + (i % 100))).ToList();
        foreach (var stranger in strangers)
        {
            Assert.True(_table.TryAdmit(stranger));
            stranger.CloseIfAborted();
        }

        Assert.DoesNotContain(agents, agent => agent.Aborted);
        Assert.Equal(20, strangers.Count(stranger => !stranger.Aborted));
        Assert.All(strangers.TakeLast(20), stranger => Assert.False(stranger.Aborted));
    }

    [Fact]
    public void HasRoom_WhileManyHaveNotGivenBackTheirDescriptors_IsFalse()
    {
        var strangers = Enumerable.Range(0, 100).Select(i => New(i)).ToList();
        strangers.ForEach(stranger => _table.TryAdmit(stranger));

        Assert.False(_table.HasRoom);
        strangers.ForEach(static stranger => stranger.CloseIfAborted());
        Assert.True(_table.HasRoom);
    }

    [Fact]
    public void Capacity_FewDescriptors_LeavesSomeForEverythingElse()
    {
        var log = new StrangerLog(TimeProvider.System, NullLogger<StrangerLog>.Instance);

        Assert.Equal(1_024 - 512, new ConnectionTable(new CoordinatorOptions(), log, 1_024).Capacity);
        Assert.Equal(20_000, new ConnectionTable(new CoordinatorOptions(), log, 65_536).Capacity);
    }

    private static FakeConnection New(int address) =>
        new(new IPEndPoint(new IPAddress([10, 0, (byte)(address / 250), (byte)(address % 250)]), 1));

    private sealed class FakeConnection : DefaultConnectionContext
    {
        private readonly CancellationTokenSource _closed = new();

        public FakeConnection(IPEndPoint from)
        {
            RemoteEndPoint = from;
            ConnectionClosed = _closed.Token;
        }

        public bool Aborted { get; private set; }

        public override void Abort(ConnectionAbortedException abortReason) => Aborted = true;

        /// <summary>As the transport does some time after.</summary>
        public void CloseIfAborted()
        {
            if (Aborted)
            {
                _closed.Cancel();
            }
        }
    }
}
