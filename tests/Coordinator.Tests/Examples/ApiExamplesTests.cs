using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Fleet.Coordinator.Identity;
using Fleet.Coordinator.Tests.Rig;
using Fleet.Testing;

namespace Fleet.Coordinator.Tests.Examples;

/// <summary>The programs of docs/examples against a coordinator, prepared with the commands that docs/api.md gives.</summary>
public sealed class ApiExamplesTests : IDisposable
{
    private readonly string _generated = Directory.CreateTempSubdirectory("fleet-examples-").FullName;

    [Fact]
    public async Task Status_WithHosts_PrintsThemAll()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        using var alpha = (await coordinator.EnrolHostAsync("alpha")).Key;
        using var beta = (await coordinator.EnrolHostAsync("beta")).Key;

        var (exit, output, errors) = await RunExampleAsync(coordinator, "status.py");

        Assert.True(exit == 0, errors);
        Assert.StartsWith("0 of 2 hosts online", output, StringComparison.Ordinal);
        Assert.Contains("\nalpha\tHOST_STATE_NEVER_SEEN\t", output, StringComparison.Ordinal);
        Assert.Contains("\nbeta\tHOST_STATE_NEVER_SEEN\t", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_UnknownHost_SaysTheReason()
    {
        await using var coordinator = await TestCoordinator.StartAsync();

        var (exit, _, errors) = await RunExampleAsync(coordinator, "status.py", "nowhere");

        Assert.Equal(1, exit);
        Assert.StartsWith("NOT_FOUND NOT_FOUND: ", errors, StringComparison.Ordinal);
        Assert.Contains("nowhere", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task FollowEvents_FromTheBeginning_PrintsALineForEach()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        using var alpha = (await coordinator.EnrolHostAsync("alpha")).Key;
        await GenerateAsync();
        using var process = Start(Example(coordinator, "follow_events.py"));
        try
        {
            using var limit = new CancellationTokenSource(Requests.Patience);
            long last = 0;
            while (true)
            {
                if (await process.StandardOutput.ReadLineAsync(limit.Token) is not { } line)
                {
                    Assert.Fail("it ended: " + await process.StandardError.ReadToEndAsync(limit.Token));
                    return;
                }

                using var read = JsonDocument.Parse(line);
                var sequence = read.RootElement.GetProperty("sequence").GetInt64();
                Assert.True(sequence > last);
                last = sequence;
                if (read.RootElement.GetProperty("type").GetString() == "host.enrolled")
                {
                    Assert.Equal("alpha", read.RootElement.GetProperty("host").GetString());
                    return;
                }
            }
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    public void Dispose() => Directory.Delete(_generated, recursive: true);

    private async Task<(int Exit, string Output, string Errors)> RunExampleAsync(
        TestCoordinator coordinator, string example, params string[] arguments)
    {
        await GenerateAsync();
        return await RunAsync([.. Example(coordinator, example), .. arguments]);
    }

    private async Task GenerateAsync()
    {
        var command = Documented("protoc").Replace("generated", _generated, StringComparison.Ordinal);
        var arguments = command
            .Split(' ')
            .SelectMany(static word =>
                word.EndsWith("/*.proto", StringComparison.Ordinal)
                    ? Directory
                        .GetFiles(Path.Combine(Repository.Root, word[..^"/*.proto".Length]), "*.proto")
                        .Order()
                        .Select(file => Path.GetRelativePath(Repository.Root, file))
                    : [word]);
        var (exit, _, errors) = await RunAsync([.. arguments]);
        Assert.True(exit == 0, errors);
    }

    private static List<string> Example(TestCoordinator coordinator, string example)
    {
        var command = Documented($"PYTHONPATH=generated /usr/bin/python3 docs/examples/{example}").Split(' ')[1..];
        return [.. command.Select(word => word switch
        {
            "localhost:7443" => new Uri(coordinator.Address).Authority,
            "viewer.json" => Path.Combine(coordinator.StateDirectory, FirstAdmin.FileName),
            _ => word,
        })];
    }

    /// <summary>The first command in docs/api.md that begins like this.</summary>
    private static string Documented(string beginning) =>
        File.ReadLines(Path.Combine(Repository.Root, "docs/api.md"))
            .First(line => line.StartsWith("    " + beginning, StringComparison.Ordinal))
            .Trim();

    private Process Start(IReadOnlyList<string> command)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            WorkingDirectory = Repository.Root,
        };
        start.Environment["PYTHONPATH"] = _generated;
        start.Environment["PYTHONDONTWRITEBYTECODE"] = "1";
        start.Environment["no_grpc_proxy"] = "*";
        return Process.Start(start)!;
    }

    private async Task<(int Exit, string Output, string Errors)> RunAsync(IReadOnlyList<string> command)
    {
        using var process = Start(command);
        using var limit = new CancellationTokenSource(Requests.Patience);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        return (process.ExitCode, await output, await errors);
    }
}
