using System.Diagnostics;
using System.Text.Json;
using Fleet.Coordinator.Tests.Rig;

namespace Fleet.Coordinator.Tests.Reflection;

public sealed class ReflectionTests
{
    [Fact]
    public async Task GenericClient_OfPython_FindsTheServicesAndCallsOne()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        var authority = Path.Combine(coordinator.StateDirectory, "ca-for-client.pem");
        await File.WriteAllTextAsync(authority, coordinator.CaPem);

        using var answer = JsonDocument.Parse(await RunAsync(
            Path.Combine(AppContext.BaseDirectory, "Reflection", "generic_client.py"),
            new Uri(coordinator.Address).Authority,
            authority,
            coordinator.AdminToken));

        var root = answer.RootElement;
        Assert.Equal("UNAUTHENTICATED", root.GetProperty("anonymous").GetString());
        foreach (var version in new[] { "v1", "v1alpha" })
        {
            var services = root.GetProperty(version).EnumerateArray().Select(static s => s.GetString()).ToList();
            Assert.Contains("fleet.v1.FleetService", services);
            Assert.Contains("grpc.health.v1.Health", services);
        }

        Assert.Equal("0.1.0", root.GetProperty("status").GetProperty("coordinatorVersion").GetString()!.Split('+')[0]);
        Assert.Equal(5, root.GetProperty("unknown").GetInt32());
        Assert.NotEmpty(root.GetProperty("error").EnumerateArray());
    }

    private static async Task<string> RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/python3", arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var limit = new CancellationTokenSource(Requests.Patience);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        Assert.True(process.ExitCode == 0, await errors);
        return await output;
    }
}
