using System.Diagnostics;
using System.Text;
using Fleet.Grpc.Tests.Infrastructure;

namespace Fleet.Grpc.Tests.Interop;

/// <summary>Another implementation of gRPC, as programs: a client for one case, and a server.</summary>
internal abstract class Peer : IAsyncDisposable
{
    private static readonly TimeSpan PreparationLimit = TimeSpan.FromMinutes(3);
    private Process? _server;

    /// <summary>What its servers can and can't do.</summary>
    public abstract ServerAbilities Abilities { get; }

    public string? ServerAddress { get; private set; }

    protected static string Sources { get; } = Path.Combine(RepositoryRoot(), "tests", "Grpc.Tests");

    /// <summary>Where what the peer needs is installed, once for all runs.</summary>
    protected static string Cache { get; } = Path.Combine(RepositoryRoot(), "artifacts", "interop");

    public static async Task<Peer> StartAsync(string implementation)
    {
        Peer peer = implementation switch
        {
            "grpc-js" => new NodePeer(),
            "grpcio" => new PythonPeer(),
            _ => throw new ArgumentException($"No such implementation: {implementation}", nameof(implementation)),
        };
        await peer.PrepareAsync();
        await peer.StartServerAsync();
        return peer;
    }

    /// <summary>Runs the peer's client; fails with what it printed unless it ends with 0.</summary>
    public async Task RunClientAsync(int port, string name)
    {
        var (exitCode, output) = await RunAsync(Client(port, name), Patience.Limit);
        Assert.True(exitCode == 0, $"{name} failed in the peer's client ({exitCode}):\n{output}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is null)
        {
            return;
        }

        _server.StandardInput.Close();
        try
        {
            await _server.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(10));
        }
        catch (TimeoutException)
        {
            _server.Kill(entireProcessTree: true);
        }

        _server.Dispose();
    }

    /// <summary>Installs what is missing.</summary>
    protected abstract Task PrepareAsync();

    protected abstract ProcessStartInfo Client(int port, string name);

    protected abstract ProcessStartInfo Server();

    protected static ProcessStartInfo Command(string program, string folder, params string[] arguments)
    {
        var info = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        return info;
    }

    /// <summary>For programs that talk to this machine only: both implementations would send loopback traffic to a proxy.</summary>
    protected static ProcessStartInfo WithoutProxy(ProcessStartInfo info)
    {
        foreach (var name in info.Environment.Keys.Where(k => k.EndsWith("_proxy", StringComparison.OrdinalIgnoreCase)).ToList())
        {
            info.Environment.Remove(name);
        }

        return info;
    }

    protected static async Task PrepareWithAsync(ProcessStartInfo info, string debianPackage)
    {
        try
        {
            var (exitCode, output) = await RunAsync(info, PreparationLimit);
            Assert.True(exitCode == 0, $"{info.FileName} {string.Join(' ', info.ArgumentList)} failed ({exitCode}):\n{output}");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            Assert.Fail($"{info.FileName} can't be started ({e.Message}): install it with 'apt-get install {debianPackage}'.");
        }
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(ProcessStartInfo info, TimeSpan limit)
    {
        using var process = Process.Start(info)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(limit);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            return (-1, $"no end within {limit}");
        }

        return (process.ExitCode, await output + await errors);
    }

    private async Task StartServerAsync()
    {
        _server = Process.Start(Server())!;
        var errors = new StringBuilder();
        _server.ErrorDataReceived += (_, e) =>
        {
            lock (errors)
            {
                errors.AppendLine(e.Data);
            }
        };
        _server.BeginErrorReadLine();
        var line = await _server.StandardOutput.ReadLineAsync().InTimeAsync();
        if (line is null || !line.StartsWith("PORT ", StringComparison.Ordinal))
        {
            lock (errors)
            {
                Assert.Fail($"The peer's server did not start: {line}\n{errors}");
            }
        }

        ServerAddress = "http://127.0.0.1:" + line["PORT ".Length..];
    }

    private static string RepositoryRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Fleet.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The tests run inside the repository's artifacts folder.");
    }
}
