using Fleet.Cli.Outcomes;
using Fleet.Cli.Tests.Scripted;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Tests.Completion;

/// <summary>The scripts in real shells, with the real program beside them.</summary>
public sealed class CompletionTests : IAsyncLifetime
{
    private static readonly string[] Installable = ["zsh", "fish"];
    private static readonly string[] All = ["bash", .. Installable];
    private static readonly Dictionary<string, string> Expected = new()
    {
        ["fleet stat"] = "status",
        ["fleet ru"] = "run runs",
        ["fleet run"] = "run runs",
        ["fleet apply --dr"] = "--dry-run",
        ["fleet operator create x --role ad"] = "admin",
        ["fleet run --timeout 60s night"] = "nightly-home",
        ["fleet run nightly-home --timeout 60s --host w"] = "web1",
        ["fleet run nightly-home --timeout 60s --host "] = "nas web1",
        ["fleet hosts --state o"] = "offline online",
        ["fleet nonsense x"] = "",
    };

    private readonly Terminal _terminal = new();
    private ScriptedCoordinator _coordinator = null!;

    public static MatrixTheoryData<string, string> Lines { get; } = new(All, Expected.Keys);

    public static TheoryData<string> Shells { get; } = [.. All];

    public static TheoryData<string> ShellsWithFolders { get; } = [.. Installable];

    public async ValueTask InitializeAsync()
    {
        _coordinator = await ScriptedCoordinator.StartAsync();
        _coordinator.Script
            .On<ListPoliciesRequest, ListPoliciesResponse>("ListPolicies", _ => new ListPoliciesResponse
            {
                Policies =
                {
                    Fleets.Nightly,
                    new Policy { Spec = new PolicySpec { Name = "nightly-$(reboot)" } },
                    new Policy { Spec = new PolicySpec { Name = "weekly" } },
                },
            })
            .On<ListHostsRequest, ListHostsResponse>("ListHosts", _ => new ListHostsResponse { Hosts = { Fleets.Web1, Fleets.Nas } });
    }

    public async ValueTask DisposeAsync()
    {
        await _coordinator.DisposeAsync();
        _terminal.Dispose();
    }

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task Shell_Line_IsCompleted(string shell, string line) =>
        Assert.Equal(Expected[line], string.Join(' ', await Shell().OfferedAsync(shell, line)));

    /// <summary>The shell loads the script by itself, at the first TAB that needs it.</summary>
    [Theory]
    [MemberData(nameof(ShellsWithFolders))]
    public async Task Shell_ScriptWhereAPackagePutsIt_CompletesAtTheFirstTab(string shell)
    {
        Assert.Equal(["run", "runs"], await Shell().OfferedAsync(shell, "fleet ru", installed: true));
        Assert.Equal(["web1"], await Shell().OfferedAsync(shell, "fleet run nightly-home --timeout 60s --host w", installed: true));
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task Shell_WithoutCoordinator_StillCompletesCommands(string shell)
    {
        var shellOnly = new Shell(_terminal, "/nowhere");
        Assert.Empty(await shellOnly.OfferedAsync(shell, "fleet run night"));
        Assert.Equal(["whoami"], await shellOnly.OfferedAsync(shell, "fleet who"));
    }

    /// <summary>As bash does by itself (complete -o default).</summary>
    [Theory]
    [MemberData(nameof(ShellsWithFolders))]
    public async Task Shell_NothingOfOurs_OffersFiles(string shell)
    {
        var file = _terminal.WriteFile("policies-of-home.yaml", "");
        Assert.Contains(
            (await Shell().OfferedAsync(shell, $"fleet apply -f {file[..^6]}")).Select(Path.GetFileName),
            f => f == "policies-of-home.yaml");
    }

    [Theory]
    [InlineData("fleet run night", "nightly-home\n")]
    [InlineData("/usr/bin/fleet host ", "--address --credential --help --json --timeout -h clear-duplicate nas remove web1 ")]
    public async Task Suggest_Line_PrintsOneCandidatePerLine(string line, string expected)
    {
        _terminal.With(_coordinator);

        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync($"[suggest:{line.Length}]", line + " something after the cursor"));

        Assert.Equal(expected.Replace(' ', '\n'), _terminal.Output);
    }

    private Shell Shell() => new(_terminal, _terminal.WriteFile("credential.json", _coordinator.CredentialFile()));
}
