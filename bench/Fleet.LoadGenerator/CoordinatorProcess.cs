using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Fleet.LoadGenerator;

/// <summary>A real coordinator, in a temporary directory or one that is kept, and what it uses, read from /proc.</summary>
internal sealed class CoordinatorProcess : IAsyncDisposable
{
    /// <summary>A large store may be brought to a new schema by the start.</summary>
    private static readonly TimeSpan StartTimeout = TimeSpan.FromMinutes(20);

    private readonly Process _process;
    private readonly string _directory;
    private readonly bool _kept;
    private readonly Queue<string> _newest = [];
    private long _logLines;

    private CoordinatorProcess(Process process, string directory, bool kept, int port)
    {
        _process = process;
        _directory = directory;
        _kept = kept;
        Address = new Uri($"https://127.0.0.1:{port}");
    }

    public Uri Address { get; }

    /// <summary>From the start of the process until it said that it is ready.</summary>
    public TimeSpan StartDuration { get; private set; }

    public string CredentialPath => Path.Join(_directory, "state", "admin-credential.json");

    /// <summary>Of its database, with what is not yet in the main file.</summary>
    public long DatabaseBytes() =>
        Directory.EnumerateFiles(Path.Join(_directory, "state"), "fleet.db*").Sum(static path => new FileInfo(path).Length);

    /// <summary>Lines that it has logged.</summary>
    public long LogLines => Interlocked.Read(ref _logLines);

    public bool HasExited => _process.HasExited;

    /// <param name="descriptors">How many files and connections it may have open; 0: as many as this process.</param>
    /// <param name="keptDirectory">Where its store is and stays; null for a temporary directory.</param>
    public static async Task<CoordinatorProcess> StartAsync(
        string program, CancellationToken cancellationToken, int descriptors = 0, string? keptDirectory = null)
    {
        var directory = keptDirectory ?? Directory.CreateTempSubdirectory("fleet-load-").FullName;
        var port = FreePort();
        var httpPort = FreePort();
        var configuration = Path.Join(directory, "coordinator.yaml");
        await File.WriteAllTextAsync(configuration, $"""
            listen: "127.0.0.1:{port}"
            http_listen: "127.0.0.1:{httpPort}"
            state_directory: "{directory}/state"
            log_level: warning
            """, cancellationToken);
        string[] arguments = ["run", "--config", configuration];
        var start = descriptors == 0
            ? new ProcessStartInfo(program, arguments)
            : new ProcessStartInfo("prlimit", [$"--nofile={descriptors}:{descriptors}", program, .. arguments]);
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        var clock = Stopwatch.StartNew();
        var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        var coordinator = new CoordinatorProcess(process, directory, keptDirectory is not null, port);
        process.OutputDataReceived += coordinator.Logged;
        process.ErrorDataReceived += coordinator.Logged;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
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
                    coordinator.StartDuration = clock.Elapsed;
                    return coordinator;
                }
            }
            catch (HttpRequestException) when (!process.HasExited)
            {
                // Not listening yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), deadline.Token);
        }
    }

    /// <summary>User and system CPU time that the coordinator has used so far.</summary>
    public TimeSpan CpuTime()
    {
        _process.Refresh();
        return _process.TotalProcessorTime;
    }

    /// <summary>Resident and anonymous memory in bytes; smaps_rollup is described in proc(5).</summary>
    public (long Resident, long Anonymous) Memory()
    {
        long resident = 0;
        long anonymous = 0;
        foreach (var line in File.ReadLines($"/proc/{_process.Id}/smaps_rollup"))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields[0] == "Rss:")
            {
                resident = long.Parse(fields[1], CultureInfo.InvariantCulture) * 1024;
            }
            else if (fields[0] == "Anonymous:")
            {
                anonymous = long.Parse(fields[1], CultureInfo.InvariantCulture) * 1024;
            }
        }

        return (resident, anonymous);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            if (_kept)
            {
                // In order, so that its write-ahead log goes into the file.
                using var kill = Process.Start(new ProcessStartInfo("kill", ["-TERM", $"{_process.Id}"]));
                await (kill?.WaitForExitAsync() ?? Task.CompletedTask);
            }
            else
            {
                _process.Kill(entireProcessTree: true);
            }

            await _process.WaitForExitAsync();
        }

        _process.Dispose();
        if (!_kept)
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    /// <summary>What it logged last, for a report of what went wrong.</summary>
    public string Newest()
    {
        lock (_newest)
        {
            return string.Join('\n', _newest);
        }
    }

    private void Logged(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is null)
        {
            return;
        }

        Interlocked.Increment(ref _logLines);
        lock (_newest)
        {
            _newest.Enqueue(line.Data);
            if (_newest.Count > 40)
            {
                _newest.Dequeue();
            }
        }
    }

    internal static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
