using System.Diagnostics;
using Fleet.Coordinator.Storage;
using Fleet.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Fleet.Coordinator.Tests.Hosting;

/// <summary>The program itself: its command line, and what a kill leaves behind.</summary>
public sealed class CoordinatorProcessTests : IDisposable
{
    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "fleet-coordinator");
    private readonly string _directory = Directory.CreateTempSubdirectory("fleet-process-test-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [InlineData("--help", 0)]
    [InlineData("--version", 0)]
    [InlineData("--nonsense", 2)]
    [InlineData("--config /nowhere/coordinator.yaml", 78)]
    public async Task CommandLine_EachUse_HasItsExitCode(string arguments, int expected)
    {
        using var process = Start(arguments);

        await process.WaitForExitAsync().WaitAsync(Eventually.Limit);

        Assert.Equal(expected, process.ExitCode);
    }

    [Fact]
    public async Task Kill_WhileItServes_LeavesAStoreThatOpens()
    {
        var configuration = Path.Combine(_directory, "coordinator.yaml");
        await File.WriteAllTextAsync(configuration, $"listen: 127.0.0.1:0\nhttp_listen: off\nstate_directory: {_directory}/state\n");
        for (var round = 0; round < 3; round++)
        {
            using var process = Start($"run --config {configuration}");
            while (await process.StandardOutput.ReadLineAsync().WaitAsync(Eventually.Limit) is { } line
                && !line.Contains("serves", StringComparison.Ordinal))
            {
                // Its first lines are about what it made.
            }

            using var second = Start($"run --config {configuration}");
            await second.WaitForExitAsync().WaitAsync(Eventually.Limit);
            Assert.Equal(1, second.ExitCode);
            Assert.Contains("another fleet-coordinator", await second.StandardError.ReadToEndAsync(), StringComparison.Ordinal);
            process.Kill();
            await process.WaitForExitAsync().WaitAsync(Eventually.Limit);
        }

        using var directory = StateDirectory.Open(Path.Combine(_directory, "state"));
        await using var store = FleetStore.Open(
            new SqliteEngine(directory.FilePath(SqliteDatabase.FileName)), TimeProvider.System, NullLogger<FleetStore>.Instance);
        Assert.Equal(SchemaMigrations.All.Count, store.FoundSchema);
    }

    [Fact]
    public async Task Version_NamesTheRuntimeOfTheGrains()
    {
        using var process = Start("--version");

        var text = await process.StandardOutput.ReadToEndAsync().WaitAsync(Eventually.Limit);

        Assert.Matches(
            @"^fleet-coordinator \d+\.\d+\.\d+\S*\nOrleans 10\.\d+\.\d+, gRPC 2\.\d+\.\d+, SQLite 3\.\d+\.\d+, \.NET 10\.\S+\n$",
            text);
    }

    [Fact]
    public async Task Run_ListensOnItsTwoConfiguredAddresses_AndOnNothingOfOrleans()
    {
        var configuration = Path.Combine(_directory, "coordinator.yaml");
        await File.WriteAllTextAsync(
            configuration, $"listen: 127.0.0.1:0\nhttp_listen: 127.0.0.1:0\nstate_directory: {_directory}/state\n");
        using var process = Start($"run --config {configuration}");
        while (await process.StandardOutput.ReadLineAsync().WaitAsync(Eventually.Limit) is { } line
            && !line.Contains("serves", StringComparison.Ordinal))
        {
            // Its first lines are about what it made.
        }

        try
        {
            Assert.Equal(
                ["127.0.0.1", "127.0.0.1"],
                ListeningSockets.Of(process.Id).Select(static endpoint => endpoint.Address.ToString()));
        }
        finally
        {
            process.Kill();
            await process.WaitForExitAsync().WaitAsync(Eventually.Limit);
        }
    }

    private static Process Start(string arguments) =>
        Process.Start(new ProcessStartInfo(Program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
}
