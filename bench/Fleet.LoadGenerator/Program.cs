using System.Diagnostics;
using System.Runtime.InteropServices;
using Fleet.LoadGenerator;
using Fleet.LoadGenerator.Flood;

if (args is ["--help"] or ["-h"])
{
    Console.WriteLine(LoadOptions.Help);
    return 0;
}

if (LoadOptions.Parse(args) is not { } options)
{
    return 2;
}

var model = File.ReadLines("/proc/cpuinfo").FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim();
Console.WriteLine(
    $"machine: {Environment.ProcessorCount} x {model}; {RuntimeInformation.OSDescription}; {RuntimeInformation.FrameworkDescription}");
Console.WriteLine("the simulated agents share the machine with the coordinator");

if (options.Flood)
{
    await new FloodRun(FloodOptions.Whole(options.Coordinator, options.MeasureSeconds), Console.WriteLine).RunAsync();
    return 0;
}

await using var coordinator = await CoordinatorProcess.StartAsync(options.Coordinator, CancellationToken.None);
var credential = Credential.Read(coordinator.CredentialPath);
using var channel = PinnedChannel.Open(coordinator.Address, credential.Authority);
var runTimes = new RunTimes();
var measurements = new Measurements(options, coordinator, credential, runTimes);

var clock = Stopwatch.StartNew();
var token = await measurements.CreateTokenAsync(channel);
List<AgentIdentity> identities = [];
foreach (var some in Enumerable.Range(0, options.Agents).Chunk(20))
{
    identities.AddRange(await Task.WhenAll(some.Select(i =>
        AgentIdentity.EnrolAsync(coordinator.Address, credential.Authority, token, i, CancellationToken.None))));
}

Console.WriteLine($"enrolled: {identities.Count} hosts in {clock.Elapsed.TotalSeconds:f1} s");

List<SimulatedAgent> agents = [.. identities.Select(i => new SimulatedAgent(i, options, runTimes))];
try
{
    clock.Restart();
    foreach (var some in agents.Chunk(50))
    {
        await Task.WhenAll(some.Select(a => a.StartAsync(coordinator.Address, credential.Authority)));
    }

    Console.WriteLine($"connected: {agents.Count} sessions in {clock.Elapsed.TotalSeconds:f1} s");
    await measurements.SteadyAsync();
    await measurements.SameInstantAsync(channel);
    await measurements.EventsAsync(channel, agents);
}
finally
{
    await Task.WhenAll(agents.Select(a => a.DisposeAsync().AsTask()));
}

return 0;
