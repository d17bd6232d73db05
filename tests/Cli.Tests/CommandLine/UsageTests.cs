using System.CommandLine;
using Fleet.Cli.CommandLine;
using Fleet.Cli.Commands;
using Fleet.Cli.Outcomes;
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
        Assert.Matches($"\nUsage:\n  [^ ]+ {command} [<[]", _terminal.Output);
        Assert.DoesNotContain("[default:", _terminal.Output, StringComparison.Ordinal);
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
            var line = example.Split('|', '>', ')').Select(p => p.Trim()).First(
                p => p.Contains("fleet ", StringComparison.Ordinal) && !p.StartsWith("generate", StringComparison.Ordinal));
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
    [InlineData("runz", "fleet has no command 'runz'", "did you mean run? see fleet --help")]
    [InlineData("polices", "fleet has no command 'polices'", "did you mean policies? see fleet --help")]
    [InlineData("xyzzyx", "fleet has no command 'xyzzyx'", "see fleet --help")]
    [InlineData("token lst", "fleet token has no command 'lst'", "did you mean list? see fleet token --help")]
    [InlineData("token frobnicate", "fleet token has no command 'frobnicate'", "it has create, list, revoke; see fleet token --help")]
    [InlineData("hosts --sate offline", "fleet hosts has no option --sate", "did you mean --state? see fleet hosts --help")]
    [InlineData("run nightly --dryrun", "fleet run has no option --dryrun", "did you mean --dry-run? see fleet run --help")]
    [InlineData("run --dryrun nightly", "fleet run has no option --dryrun", "did you mean --dry-run? see fleet run --help")]
    [InlineData("apply -f a.yaml --dryrun", "fleet apply has no option --dryrun", "did you mean --dry-run? see fleet apply --help")]
    [InlineData("runs --policy --jsn", "fleet runs has no option --jsn", "did you mean --json? see fleet runs --help")]
    [InlineData(
        "operator create a --role admin -o --certificat",
        "fleet operator create has no option --certificat",
        "did you mean --certificate? see fleet operator create --help")]
    [InlineData(
        "token create --note -uses", "fleet token create has no option -uses", "did you mean --uses? see fleet token create --help")]
    [InlineData("host --jsn", "fleet host has no option --jsn", "did you mean --json? see fleet host --help")]
    [InlineData("whoami web1", "fleet whoami takes no 'web1'", "see fleet whoami --help")]
    [InlineData("host web1 web2", "fleet host takes no 'web2' besides the arguments before it", "see fleet host --help")]
    [InlineData("host", "fleet host needs HOST: name or id of a host.", "fleet hosts lists them; see fleet host --help")]
    [InlineData("run", "fleet run needs POLICY: name of a policy.", "fleet policies lists them; see fleet run --help")]
    [InlineData(
        "logs", "fleet logs needs RUN: id of a run, or its first 6 or more digits.", "fleet runs lists them; see fleet logs --help")]
    [InlineData(
        "protect",
        "fleet protect needs SNAPSHOT: snapshots as fleet snapshots shows them.",
        "fleet snapshots lists them; see fleet protect --help")]
    [InlineData("token", "fleet token needs a command: create, list, revoke", "see fleet token --help")]
    [InlineData("restore", "fleet restore needs a command: files, dataset, volume", "see fleet restore --help")]
    [InlineData("stat", "fleet has no command 'stat'", "did you mean status? see fleet --help")]
    [InlineData("hlep", "fleet has no command 'hlep'", "did you mean help? see fleet --help")]
    [InlineData("run a --dry", "fleet run has no option --dry", "did you mean --dry-run? see fleet run --help")]
    [InlineData("run a web1", "fleet run takes no 'web1' besides the arguments before it", "did you mean --host web1? see fleet run --help")]
    [InlineData("events web1", "fleet events takes no 'web1'", "did you mean --host web1 or --policy web1? see fleet events --help")]
    [InlineData("runs --failed", "fleet runs has no option --failed", "did you mean --state failed? see fleet runs --help")]
    [InlineData("hosts --offline", "fleet hosts has no option --offline", "did you mean --state offline? see fleet hosts --help")]
    [InlineData("logs -F 3f9c2a", "fleet logs has no option -F", "did you mean -f? see fleet logs --help")]
    [InlineData("status --yaml", "fleet status has no option --yaml", "see fleet status --help")]
    [InlineData("runs -n", "--limit needs N: at most the N newest. Default 50.", "see fleet runs --help")]
    [InlineData("runs --policy", "--policy needs POLICY: only runs of this policy.", "fleet policies lists them; see fleet runs --help")]
    [InlineData(
        "token revoke",
        "fleet token revoke needs TOKEN: id of the token, as fleet token list shows it.",
        "fleet token list lists them; see fleet token revoke --help")]
    [InlineData("apply", "fleet apply needs --file FILE: policy file, directory with *.yaml and *.yml files, or - for standard input. All of them are applied, or none.", "see fleet apply --help")]
    [InlineData("hosts --state asleep", "--state takes online, offline or never-seen, not 'asleep'.", "see fleet hosts --help")]
    [InlineData(
        "hosts --state offlin",
        "--state takes online, offline or never-seen, not 'offlin'. Did you mean offline?",
        "see fleet hosts --help")]
    [InlineData("hosts --label role", "--label takes KEY=VALUE, not 'role'.", "see fleet hosts --help")]
    [InlineData("hosts --timeout 5", "--timeout takes a duration such as 15s, 10m, 6h, 7d or 1h30m, not '5'.", "see fleet hosts --help")]
    [InlineData("hosts --timeout 2h", "--timeout must be between 1ms and 1h, not 2h.", "see fleet hosts --help")]
    [InlineData("runs --limit 0", "--limit takes a whole number between 1 and 100000, not '0'.", "see fleet runs --help")]
    [InlineData("runs --limit many", "--limit takes a whole number between 1 and 100000, not 'many'.", "see fleet runs --help")]
    [InlineData("events --after -1", "--after takes a whole number, 0 or more, not '-1'.", "see fleet events --help")]
    [InlineData("metrics web1 --step 1m", "--step needs --since.", "see fleet metrics --help")]
    [InlineData("completion tcsh", "SHELL takes bash, zsh or fish, not 'tcsh'.", "see fleet completion --help")]
    public async Task Run_WrongUsage_SaysWhatAndEndsWithTwo(string line, string error, string whatToDo)
    {
        Assert.Equal(ExitCode.Refused, await _terminal.RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));

        Assert.Equal($"error: {error}\n  what to do: {whatToDo}\n", _terminal.Error);
        Assert.Equal("", _terminal.Output);
    }

    /// <summary>Text may begin like an option, where it is written so that it cannot be one.</summary>
    [Theory]
    [InlineData("cancel", "3f9c2a", "--reason=--force was wrong")]
    [InlineData("cancel", "3f9c2a", "--reason=-x")]
    [InlineData("cancel", "3f9c2a", "--reason", "-x is not what I meant")]
    [InlineData("apply", "-f", "-")]
    public async Task Run_ValueThatBeginsWithADash_IsTaken(params string[] line)
    {
        // No credential: the command line was in order, and so is the file.
        _terminal.Input = "policy: a\nhosts: [web1]\nrsync: {source: /home, destination: /backup, mode: mirror}\n";

        Assert.NotEqual(ExitCode.Refused, await _terminal.RunAsync(line));
    }

    [Theory]
    [InlineData("")]
    [InlineData("help")]
    [InlineData("-h")]
    public async Task Run_NoCommand_PrintsTheHelp(string line)
    {
        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));

        Assert.Contains("Exit codes:", _terminal.Output, StringComparison.Ordinal);
        Assert.Equal("", _terminal.Error);
    }

    [Theory]
    [InlineData("help token create")]
    [InlineData("token create --help")]
    public async Task Help_OfACommand_IsThatCommands(string line)
    {
        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync(line.Split(' ')));

        Assert.Contains("fleet token create --uses 20", _terminal.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("help runz")]
    [InlineData("runz --help")]
    public async Task Help_OfWhatIsNoCommand_SaysSo(string line)
    {
        Assert.Equal(ExitCode.Refused, await _terminal.RunAsync(line.Split(' ')));

        Assert.Equal("error: fleet has no command 'runz'\n  what to do: did you mean run? see fleet --help\n", _terminal.Error);
    }

    [Fact]
    public async Task Run_OptionThatIsRequired_IsNamedWithItsValues()
    {
        Assert.Equal(ExitCode.Refused, await _terminal.RunAsync("operator", "create", "anna"));

        Assert.StartsWith(
            "error: fleet operator create needs --role viewer|operator|admin: viewer sees everything",
            _terminal.Error,
            StringComparison.Ordinal);
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

    [Theory]
    [InlineData("--version")]
    [InlineData("-V")]
    [InlineData("-v")]
    public async Task Version_Option_PrintsTheNumberAlone(string option)
    {
        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync(option));

        Assert.Matches(@"^\d+\.\d+\.\d+\n$", _terminal.Output);
    }

    [Fact]
    public async Task Version_WithoutCoordinator_IsStillAnAnswer()
    {
        Assert.Equal(ExitCode.Ok, await _terminal.RunAsync("version"));

        Assert.EndsWith("coordinator not reached\n", _terminal.Output, StringComparison.Ordinal);
    }
}
