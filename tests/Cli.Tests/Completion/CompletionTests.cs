using System.Diagnostics;
using Fleet.Cli.CommandLine;
using Fleet.Cli.Tests.Scripted;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Tests.Completion;

/// <summary>The bash script in a real bash, with the real program beside it.</summary>
public sealed class CompletionTests : IAsyncLifetime
{
    private readonly Terminal _terminal = new();
    private ScriptedCoordinator _coordinator = null!;

    public async ValueTask InitializeAsync()
    {
        _coordinator = await ScriptedCoordinator.StartAsync();
        _coordinator.Script
            .On<ListPoliciesRequest, ListPoliciesResponse>("ListPolicies", _ => new ListPoliciesResponse
            {
                Policies = { Fleets.Nightly, new Policy { Spec = new PolicySpec { Name = "nightly-$(reboot)" } }, new Policy { Spec = new PolicySpec { Name = "weekly" } } },
            })
            .On<ListHostsRequest, ListHostsResponse>("ListHosts", _ => new ListHostsResponse { Hosts = { Fleets.Web1, Fleets.Nas } });
    }

    public async ValueTask DisposeAsync()
    {
        await _coordinator.DisposeAsync();
        _terminal.Dispose();
    }

    [Theory]
    [InlineData("fleet st", "status")]
    [InlineData("fleet run", "run runs")]
    [InlineData("fleet apply --dr", "--dry-run")]
    [InlineData("fleet operator create x --role ad", "admin")]
    [InlineData("fleet run --timeout 60s night", "nightly-home")]
    [InlineData("fleet run nightly-home --timeout 60s --host w", "web1")]
    [InlineData("fleet hosts --state o", "offline online")]
    [InlineData("fleet nonsense x", "")]
    public async Task Bash_Line_IsCompleted(string line, string expected)
    {
        Assert.Equal(expected, await CompleteAsync(line, _terminal.WriteFile("credential.json", _coordinator.CredentialFile())));
    }

    [Theory]
    [InlineData("fleet run night", "nightly-home\n")]
    [InlineData("/usr/bin/fleet host ", "--address --credential --help --json --timeout -h nas remove web1 ")]
    public async Task Suggest_Line_PrintsOneCandidatePerLine(string line, string expected)
    {
        _terminal.With(_coordinator);

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync($"[suggest:{line.Length}]", line + " something after the cursor"));

        Assert.Equal(expected.Replace(' ', '\n'), _terminal.Output);
    }

    [Fact]
    public async Task Bash_WithoutCoordinator_StillCompletesCommands()
    {
        Assert.Equal("", await CompleteAsync("fleet run night", "/nowhere"));
        Assert.Equal("whoami", await CompleteAsync("fleet who", "/nowhere"));
    }

    [Theory]
    [InlineData("zsh", "compdef _fleet fleet")]
    [InlineData("fish", "complete -c fleet")]
    public async Task Script_OtherShells_ComesOut(string shell, string line)
    {
        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("completion", shell));
        Assert.Contains(line, _terminal.Output, StringComparison.Ordinal);
    }

    // The program as it was built, with everything that it needs: the copy beside the tests lacks what the tests' own
    // framework brings.
    private static string ProductFolder { get; } = Path.Combine(
        AppContext.BaseDirectory, "..", "..", "Fleet.Cli", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')));

    private static async Task<string> CompleteAsync(string line, string credential)
    {
        const string Driver = """
            set -eu
            source <(fleet completion bash)
            COMP_LINE=$1 COMP_POINT=${#1}
            read -ra COMP_WORDS <<<"$1"
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _fleet
            printf '%s\n' "${COMPREPLY[@]}" | sort -u | paste -sd' '
            """;
        var start = new ProcessStartInfo("bash", ["--norc", "-c", Driver, "bash", line]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = $"{ProductFolder}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["FLEET_CREDENTIAL"] = credential;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await process.WaitForExitAsync(timeout.Token);
        Assert.True(process.ExitCode == 0, await error);
        return output.Trim();
    }
}
