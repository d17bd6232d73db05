using System.CommandLine;
using Fleet.Cli.CommandLine;
using Fleet.Cli.Tests.Scripted;

namespace Fleet.Cli.Tests.CommandLine;

public sealed class UsageTests : IDisposable
{
    private readonly Terminal _terminal = new();

    public void Dispose() => _terminal.Dispose();

    public static TheoryData<string> Commands
    {
        get
        {
            using var terminal = new Terminal();
            return [.. All(FleetCommandLine.Create(terminal.Environment()), "").ToList()];
        }
    }

    private static IEnumerable<string> All(Command command, string prefix) =>
        command.Subcommands.SelectMany(c => All(c, $"{prefix} {c.Name}").Prepend($"{prefix} {c.Name}".Trim()));

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Help_EveryCommand_HasExamplesThatBeginWithIt(string command)
    {
        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync([.. command.Split(' '), "--help"]));

        Assert.Contains("Description:", _terminal.Output, StringComparison.Ordinal);
        var examples = _terminal.Output[_terminal.Output.IndexOf("Examples:", StringComparison.Ordinal)..];
        Assert.Contains($"fleet {command}", examples, StringComparison.Ordinal);
        Assert.Equal("", _terminal.Error);
    }

    /// <summary>An example that does not parse is worse than none.</summary>
    [Theory]
    [MemberData(nameof(Commands))]
    public void Examples_EveryCommand_Parse(string command)
    {
        var root = FleetCommandLine.Create(_terminal.Environment());
        var found = command.Split(' ').Aggregate((Command)root, (c, name) => c.Subcommands.Single(s => s.Name == name));
        foreach (var example in Assert.IsType<FleetCommand>(found).Examples)
        {
            var line = example.Split('|', '>', ')').Select(p => p.Trim()).First(p => p.Contains("fleet ", StringComparison.Ordinal) && !p.StartsWith("generate", StringComparison.Ordinal));
            line = line[(line.LastIndexOf("fleet ", StringComparison.Ordinal) + "fleet ".Length)..].Replace('\'', '"');
            Assert.Empty(root.Parse(line).Errors);
        }
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Reference_EveryCommand_IsInIt(string command) =>
        Assert.Contains($"fleet {command}", Reference, StringComparison.Ordinal);

    [Fact]
    public void Reference_EveryExitCode_IsInIt() =>
        Assert.All(ExitCode.All, c => Assert.Contains($"\n| {c.Code} | ", Reference, StringComparison.Ordinal));

    private static string Reference { get; } = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "cli.md"));

    [Fact]
    public async Task Help_Root_ListsTheExitCodes()
    {
        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("--help"));

        Assert.All(ExitCode.All, c => Assert.Contains($"{c.Code,3}  {c.Meaning}", _terminal.Output, StringComparison.Ordinal));
        Assert.Equal(ExitCode.All.Count, ExitCode.All.DistinctBy(c => c.Code).Count());
    }

    [Theory]
    [InlineData("", "Required command was not provided.", "see fleet --help")]
    [InlineData("runz", "Unrecognized command or argument 'runz'.", "see fleet --help")]
    [InlineData("host", "Required argument missing for command: 'host'.", "see fleet host --help")]
    [InlineData("token", "token needs a command: create, list, revoke.", "see fleet token --help")]
    [InlineData("token revoke", "Required argument missing for command: 'revoke'.", "see fleet token revoke --help")]
    [InlineData("apply", "Option '--file' is required.", "see fleet apply --help")]
    [InlineData("hosts --state asleep", "Argument 'asleep' not recognized. Must be one of: 'online' 'offline' 'never-seen'", "see fleet hosts --help")]
    [InlineData("hosts --label role", "--label takes KEY=VALUE, not 'role'.", "see fleet hosts --help")]
    [InlineData("hosts --timeout 5", "--timeout takes a duration such as 15s, 10m, 6h, 7d or 1h30m, not '5'.", "see fleet hosts --help")]
    [InlineData("hosts --timeout 2h", "--timeout must be between 1ms and 1h, not 2h.", "see fleet hosts --help")]
    [InlineData("runs --limit 0", "--limit takes a whole number between 1 and 100000, not '0'.", "see fleet runs --help")]
    [InlineData("runs --limit many", "--limit takes a whole number between 1 and 100000, not 'many'.", "see fleet runs --help")]
    [InlineData("events --after -1", "--after takes a whole number, 0 or more, not '-1'.", "see fleet events --help")]
    [InlineData("metrics web1 --step 1m", "--step needs --since.", "see fleet metrics --help")]
    [InlineData("completion tcsh", "Argument 'tcsh' not recognized. Must be one of: 'bash' 'zsh' 'fish'", "see fleet completion --help")]
    [InlineData("operator create anna", "Option '--role' is required.", "see fleet operator create --help")]
    public async Task Run_WrongUsage_SaysWhatAndEndsWithTwo(string line, string error, string whatToDo)
    {
        Assert.Equal(ExitCode.Refused, await _terminal.RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));

        Assert.Equal($"error: {error}\n  what to do: {whatToDo}\n", _terminal.Error);
        Assert.Equal("", _terminal.Output);
    }

    [Fact]
    public async Task Run_ArgumentWithAt_IsNotAResponseFile()
    {
        var file = _terminal.WriteFile("arguments", "--help\n");

        Assert.Equal(ExitCode.NotPermitted, await _terminal.RunAsync("host", $"@{file}"));
    }

    [Fact]
    public async Task Run_HostileArgument_IsEscapedInTheError()
    {
        Assert.Equal(ExitCode.Refused, await _terminal.RunAsync("\u001b[31mx\n"));

        Assert.DoesNotContain('\u001b', _terminal.Error);
        Assert.Contains("\\x1b[31mx\\n", _terminal.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Version_Option_PrintsTheNumberAlone()
    {
        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("--version"));

        Assert.Matches(@"^\d+\.\d+\.\d+\n$", _terminal.Output);
    }

    [Fact]
    public async Task Version_WithoutCoordinator_IsStillAnAnswer()
    {
        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("version"));

        Assert.EndsWith("coordinator not reached\n", _terminal.Output, StringComparison.Ordinal);
    }
}
