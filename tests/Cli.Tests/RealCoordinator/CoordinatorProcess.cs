using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Fleet.Cli.Tests.RealCoordinator;

/// <summary>The real fleet-coordinator as a process of its own, on loopback, with its state in a temporary directory.</summary>
public sealed class CoordinatorProcess : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("fleet-cli-coordinator-");
    private readonly int _port = FreePort();
    private readonly int _httpPort = FreePort();
    private Process? _process;

    public string Address => $"https://localhost:{_port}";

    public string CredentialFile => Path.Combine(_directory.FullName, "state", "admin-credential.json");

    private static string Program =>
        Path.Combine(
            AppContext.BaseDirectory,
            "..",
            "..",
            "Fleet.Coordinator",
            Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')),
            "fleet-coordinator");

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory.FullName, "coordinator.yaml"), $"""
            listen: "127.0.0.1:{_port}"
            http_listen: "127.0.0.1:{_httpPort}"
            state_directory: {_directory.FullName}/state
            """);
        await StartAsync();
    }

    public async Task StartAsync()
    {
        var start = new ProcessStartInfo(Program, ["run", "--config", Path.Combine(_directory.FullName, "coordinator.yaml")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        _process = Process.Start(start)!;
        _ = _process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        var errors = _process.StandardError.ReadToEndAsync();
        using var http = new HttpClient();
        using var timeout = new CancellationTokenSource(Patience);
        while (true)
        {
            Assert.False(_process.HasExited, _process.HasExited ? $"the coordinator ended: {await errors}" : "");
            try
            {
                using var answer = await http.GetAsync(new Uri($"http://127.0.0.1:{_httpPort}/readyz"), timeout.Token);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (HttpRequestException)
            {
                // Not listening yet.
            }
        }
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await KillAsync();
        }

        _directory.Delete(recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
