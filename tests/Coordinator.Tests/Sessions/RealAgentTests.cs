using System.Net;
using System.Net.Sockets;
using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Tests.Sessions;

/// <summary>
/// A real agent whose outbox and coordinator have lost each other in the ways that operators bring about: runs go on afterwards, and what
/// is missing is an event.
/// </summary>
public sealed class RealAgentTests : IAsyncLifetime
{
    private readonly AgentProcess _agent = new();
    private TestCoordinator _coordinator = null!;

    public async ValueTask InitializeAsync()
    {
        var port = FreePort();
        _coordinator = await TestCoordinator.StartAsync(configure: options =>
            options with
            {
                Listen = [new IPEndPoint(IPAddress.Loopback, port)],
            });
        await _coordinator.ApplyAsync(
            TestPolicies.New("true", spec => spec.Action = new Protocol.V1.Action { Command = new CommandAction { Program = "/bin/true" } }));
        await _agent.EnrolAsync(_coordinator, "x1");
        _agent.Run();
        await WorksAsync("x1");
        await WorksAsync("x1");
    }

    public async ValueTask DisposeAsync()
    {
        await _agent.DisposeAsync();
        await _coordinator.DisposeAsync();
    }

    [Fact]
    public async Task EnrolledByForceUnderANewName_GetsItsRuns()
    {
        await _agent.StopAsync();
        await _agent.EnrolAsync(_coordinator, "x2", "--force");
        _agent.Run();

        await WorksAsync("x2");
        await GapAsync("x2");
    }

    [Fact]
    public async Task HostRemovedAndEnrolledAnew_GetsItsRuns()
    {
        await _agent.StopAsync();
        await _coordinator.AdminService.RemoveHostAsync(new RemoveHostRequest { Host = "x1", Reason = "set up anew" });
        await _agent.EnrolAsync(_coordinator, "x1", "--force");
        _agent.Run();

        await WorksAsync("x1");
        await GapAsync("x1");
    }

    [Trait("Store", "Sqlite")]
    [Fact]
    public async Task StoreOfABackup_GetsItsRuns_WhileTheAgentRunsOn()
    {
        await _coordinator.StopAsync();
        var backup = Directory.GetFiles(_coordinator.StateDirectory, "fleet.db*").ToDictionary(static file => file, File.ReadAllBytes);
        await _coordinator.BootAgainAsync();
        await WorksAsync("x1");
        await WorksAsync("x1");
        await _coordinator.StopAsync();
        foreach (var file in Directory.GetFiles(_coordinator.StateDirectory, "fleet.db*"))
        {
            File.Delete(file);
        }

        foreach (var (file, content) in backup)
        {
            await File.WriteAllBytesAsync(file, content, TestContext.Current.CancellationToken);
        }

        await _coordinator.BootAgainAsync();

        await WorksAsync("x1");
        await GapAsync("x1");
    }

    private async Task WorksAsync(string host)
    {
        var run = await _coordinator.StartAsync("true", host);
        await _coordinator.RunAsync(run.RunId, RunState.Succeeded);
    }

    private async Task GapAsync(string host)
    {
        await _coordinator.EventAsync("host.outbox_gap", fact => fact.HostName == host);
        Assert.DoesNotContain((await _coordinator.Fleet.GetStatusAsync(new GetStatusRequest())).Attention, item =>
            item.Code is "dispatch_stalled" or "host_offline");
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
