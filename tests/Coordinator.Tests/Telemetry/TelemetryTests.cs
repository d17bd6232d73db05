using System.Collections.Concurrent;
using System.Text;
using Fleet.Coordinator.State.Runs;
using Fleet.Coordinator.Tests.Rig;
using Fleet.Protocol.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fleet.Coordinator.Tests.Telemetry;

public sealed class TelemetryTests
{
    [Fact]
    public async Task Otlp_WhenConfigured_GetsTracesAndMetricsOverHttp()
    {
        var received = new ConcurrentDictionary<string, byte[]>();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var collector = builder.Build();
        collector.MapPost("/otlp/v1/{signal}", async (string signal, HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            received.AddOrUpdate(signal, body.ToArray(), (_, earlier) => [.. earlier, .. body.ToArray()]);
        });
        await collector.StartAsync();
        var address = collector.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

        await using (var coordinator = await TestCoordinator.StartAsync(
            configure: options => options with { OtlpEndpoint = new Uri(address + "/otlp") }))
        {
            await coordinator.AdminService.WhoAmIAsync(new WhoAmIRequest());
            RunTracing.Begin("0123456789abcdef0123456789abcdef", "nightly", "nas", RunTrigger.Manual);
        }

        Assert.Contains("run queue", Text(received["traces"]), StringComparison.Ordinal);
        Assert.Contains("nightly", Text(received["traces"]), StringComparison.Ordinal);
        Assert.Contains("fleet.coordinator.grpc.calls", Text(received["metrics"]), StringComparison.Ordinal);
        Assert.Contains("fleet-coordinator", Text(received["metrics"]), StringComparison.Ordinal);
    }

    private static string Text(byte[] bytes) => Encoding.Latin1.GetString(bytes);
}
