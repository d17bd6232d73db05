using System.Diagnostics;

namespace Fleet.Coordinator.Tests.Rig;

/// <summary>
/// The real fleet-agent as a process of its own, with its state in a temporary directory. It may run /bin/true and nothing else.
/// </summary>
internal sealed class AgentProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("fleet-coordinator-agent-");
    private Process? _process;
    private Task<string> _errors = Task.FromResult("");

    public AgentProcess()
    {
        File.WriteAllText(Config, $"""
            state_directory: {_directory.FullName}/state
            runtime_directory: {_directory.FullName}/run
            guard_file: {_directory.FullName}/guard.yaml
            inventory:
              interval: off
            """);
        File.WriteAllText(Path.Combine(_directory.FullName, "guard.yaml"), """
            commands:
              - program: /bin/true
            """);
    }

    private static string Program => Path.Combine(
        AppContext.BaseDirectory, "..", "..", "Fleet.Agent", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "fleet-agent");

    private string Config => Path.Combine(_directory.FullName, "agent.yaml");

    /// <summary>`fleet-agent enroll`, with a token made for it.</summary>
    public async Task EnrolAsync(TestCoordinator coordinator, string name, params string[] more)
    {
        var token = await coordinator.AdminService.CreateJoinTokenAsync(new() { RequestId = Guid.NewGuid().ToString() });
        using var enrolling = Start(["enroll", coordinator.Address, token.Secret, "--name", name, "--config", Config, .. more]);
        var errors = enrolling.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(Patience);
        await enrolling.WaitForExitAsync(limit.Token);
        Assert.True(enrolling.ExitCode == 0, await errors);
    }

    /// <summary>`fleet-agent run`.</summary>
    public void Run()
    {
        _process = Start(["run", "--config", Config]);
        _errors = _process.StandardError.ReadToEndAsync();
    }

    /// <summary>SIGTERM, as systemd does.</summary>
    /// <returns>What it logged.</returns>
    public async Task<string> StopAsync()
    {
        if (_process is not { } process)
        {
            return "";
        }

        _process = null;
        using var _ = process;
        using (var kill = Process.Start("/bin/kill", ["-TERM", $"{process.Id}"]))
        {
            await kill.WaitForExitAsync();
        }

        using var limit = new CancellationTokenSource(Patience);
        await process.WaitForExitAsync(limit.Token);
        return await _errors;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { } process)
        {
            process.Kill();
            await process.WaitForExitAsync();
            process.Dispose();
        }

        _directory.Delete(recursive: true);
    }

    private static Process Start(string[] arguments)
    {
        var start = new ProcessStartInfo(Program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        start.Environment.Remove("NOTIFY_SOCKET");
        var process = Process.Start(start)!;
        _ = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
        return process;
    }
}
