using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Fleet.GrpcBench;
using Fleet.GrpcBench.Protocol;
using Google.Protobuf;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

// gRPC over loopback, client and server in one process. Prints figures; asserts nothing about time. Argument: a factor for the counts.
var factor = args.Length > 0 ? double.Parse(args[0], CultureInfo.InvariantCulture) : 1;
var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel =>
    kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2));
builder.Services.AddGrpc();
builder.Services.AddSingleton<BenchService>();
await using var app = builder.Build();
app.MapGrpcService<BenchService>();
await app.StartAsync();
var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
using var channel = GrpcChannel.ForAddress(
    address, new GrpcChannelOptions { HttpHandler = new SocketsHttpHandler { EnableMultipleHttp2Connections = true } });
var client = new Bench.BenchClient(channel);

Console.WriteLine(await CpuNameAsync());
Console.WriteLine($"{Environment.ProcessorCount} cores, {RuntimeInformation.OSDescription}, {RuntimeInformation.FrameworkDescription}, "
    + $"{typeof(GrpcChannel).Assembly.GetName().Name} {typeof(GrpcChannel).Assembly.GetName().Version}, "
    + $"{(Debugger.IsAttached ? "debugger attached, " : "")}{BuildKind()}");
foreach (var concurrency in (int[])[1, 10, 100])
{
    var calls = (int)(factor * (concurrency == 1 ? 10_000 : 40_000));
    var request = new Block { Body = ByteString.CopyFrom(new byte[100]) };
    Console.WriteLine(
        await Measurement.RunAsync($"unary, 100 B, {concurrency} at a time", calls, () => UnaryAsync(request, calls, concurrency)));
}

foreach (var size in (int[])[100, 16 * 1024])
{
    var messages = (int)(factor * (size > 1000 ? 40_000 : 200_000));
    var request = new Count { Messages = messages, SizeBytes = size };
    Console.WriteLine(
        await Measurement.RunAsync($"server to client, {size:N0} B messages, one stream", messages, () => DownloadAsync(request)));
    Console.WriteLine(
        await Measurement.RunAsync($"client to server, {size:N0} B messages, one stream", messages, () => UploadAsync(messages, size)));
}

await app.StopAsync();

async Task UnaryAsync(Block request, int calls, int concurrency)
{
    var left = calls;
    await Task.WhenAll(Enumerable.Range(0, concurrency).Select(_ => Task.Run(async () =>
    {
        while (Interlocked.Decrement(ref left) >= 0)
        {
            await client.EchoAsync(request);
        }
    })));
}

async Task DownloadAsync(Count request)
{
    using var call = client.Download(request);
    var count = 0;
    while (await call.ResponseStream.MoveNext(CancellationToken.None))
    {
        count++;
    }

    Check(count, request.Messages);
}

async Task UploadAsync(int messages, int size)
{
    using var call = client.Upload();
    var block = new Block { Body = ByteString.CopyFrom(new byte[size]) };
    for (var i = 0; i < messages; i++)
    {
        await call.RequestStream.WriteAsync(block);
    }

    await call.RequestStream.CompleteAsync();
    Check((await call.ResponseAsync).Messages, messages);
}

static void Check(int actual, int expected)
{
    if (actual != expected)
    {
        throw new InvalidOperationException($"{actual} messages arrived instead of {expected}");
    }
}

static async Task<string> CpuNameAsync()
{
    const string File = "/proc/cpuinfo";
    var line = System.IO.File.Exists(File)
        ? (await System.IO.File.ReadAllLinesAsync(File)).FirstOrDefault(l => l.StartsWith("model name", StringComparison.Ordinal))
        : null;
    return line is null ? "unknown processor" : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
}

static string BuildKind() =>
    typeof(Measurement)
        .Assembly.GetCustomAttributes(typeof(DebuggableAttribute), false)
        .OfType<DebuggableAttribute>()
        .Any(a => a.IsJITOptimizerDisabled)
        ? "Debug build: figures mean little"
        : "Release build";
