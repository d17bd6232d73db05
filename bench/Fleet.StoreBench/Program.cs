using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Fleet.LoadGenerator;
using Fleet.StoreBench;

if (StoreOptions.Parse(args) is not { } options)
{
    Console.WriteLine(StoreOptions.Help);
    return 2;
}

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Console.WriteLine(
    $"machine: {Environment.ProcessorCount} processors; {RuntimeInformation.OSDescription}; {RuntimeInformation.FrameworkDescription}");
var state = Path.Join(options.Directory, "state");
var file = Path.Join(state, "fleet.db");
if (!File.Exists(file))
{
    Directory.CreateDirectory(options.Directory);
    await using (await StartAsync())
    {
    }

    var filling = Stopwatch.StartNew();
    using (var connection = StoreFile.Open(file))
    {
        StoreFiller.Fill(connection, options.Size, TimeProvider.System.GetUtcNow());
    }

    Console.WriteLine(
        $"filled with {options.Size.Runs:N0} runs and {options.Size.Events:N0} events in {filling.Elapsed.TotalSeconds:N0} s");
}

StoreFile.DropFromCache(file);
Console.WriteLine($"{file}: {new FileInfo(file).Length / 1048576.0:N0} MiB");
await using (var first = await StartAsync())
{
    Console.WriteLine($"first start, nothing of the file in memory: {first.StartDuration.TotalSeconds:N2} s");
}

StoreFile.DropFromCache(file);
Console.WriteLine($"{file}: {new FileInfo(file).Length / 1048576.0:N0} MiB");
await using var coordinator = await StartAsync();
Console.WriteLine($"start, nothing of the file in memory: {coordinator.StartDuration.TotalSeconds:N2} s");
var credential = Credential.Read(coordinator.CredentialPath);
using var channel = PinnedChannel.Open(coordinator.Address, credential.Authority);
Console.WriteLine($"{"",-55} {"entries",8} {"first, ms",10} {"median, ms",10}");
foreach (var (name, call) in new ListCalls(channel, credential).All())
{
    var times = new List<double>();
    var entries = 0;
    for (var i = 0; i <= options.Rounds; i++)
    {
        var clock = Stopwatch.GetTimestamp();
        entries = await call();
        times.Add(Stopwatch.GetElapsedTime(clock).TotalMilliseconds);
    }

    Console.WriteLine($"{name,-55} {entries,8:N0} {times[0],10:N1} {times.Skip(1).Order().ElementAt(options.Rounds / 2),10:N1}");
}

return 0;

Task<CoordinatorProcess> StartAsync() =>
    CoordinatorProcess.StartAsync(options.Coordinator, CancellationToken.None, keptDirectory: options.Directory);
