using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Fleet.StoreBench;

/// <summary>A real coordinator on a state directory that stays.</summary>
internal sealed class StoreProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(20);

    private readonly Process _process;

    private StoreProcess(Process process, Uri address, TimeSpan start)
    {
        _process = process;
        Address = address;
        Start = start;
    }

    public Uri Address { get; }

    /// <summary>From the start of the process until it said that it is ready.</summary>
    public TimeSpan Start { get; }

    public static async Task<StoreProcess> StartAsync(string program, string directory, CancellationToken cancellationToken)
    {
        var (port, httpPort) = (FreePort(), FreePort());
        var configuration = Path.Join(directory, "coordinator.yaml");
        await File.WriteAllTextAsync(configuration, $"""
            listen: "127.0.0.1:{port}"
            http_listen: "127.0.0.1:{httpPort}"
            state_directory: "{directory}/state"
            log_level: warning
            """, cancellationToken);
        var clock = Stopwatch.StartNew();
        var process = Process.Start(new ProcessStartInfo(program, ["run", "--config", configuration]))
            ?? throw new InvalidOperationException($"{program} did not start");
        using var http = new HttpClient();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(StartTimeout);
        while (true)
        {
            try
            {
                using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{httpPort}/readyz"), deadline.Token);
                if (answer.IsSuccessStatusCode)
                {
                    return new StoreProcess(process, new Uri($"https://127.0.0.1:{port}"), clock.Elapsed);
                }
            }
            catch (HttpRequestException) when (!process.HasExited)
            {
                // Not listening yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), deadline.Token);
        }
    }

    /// <summary>Ends it in order, so that its write-ahead log goes into the file.</summary>
    public async ValueTask DisposeAsync()
    {
        using (var kill = Process.Start(new ProcessStartInfo("kill", ["-TERM", $"{_process.Id}"])))
        {
            await (kill?.WaitForExitAsync() ?? Task.CompletedTask);
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
