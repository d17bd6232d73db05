using System.CommandLine;
using Fleet.Cli.CommandLine;
using Fleet.Cli.Outcomes;
using Fleet.Cli.Tests.Scripted;

namespace Fleet.Cli.Tests.CommandLine;

/// <summary>What people type who come from other tools.</summary>
public sealed class HabitsTests : IDisposable
{
    private readonly Terminal _terminal = new();

    public static TheoryData<string> Translated =>
        [.. Habits.All.Where(h => !h.IsAnswered).SelectMany(h => h.Forms).Except(["runs show", "policies show"])];

    public static TheoryData<string> Answered => [.. Habits.All.Where(h => h.IsAnswered).SelectMany(h => h.Forms)];

    public static TheoryData<string> Commands => UsageTests.Commands;

    public void Dispose() => _terminal.Dispose();

    [Theory]
    [MemberData(nameof(Translated))]
    public void EveryForm_IsACommandOfOurs(string line)
    {
        var ours = Arguments.InOurWords(line.Split(' '));

        Assert.True(ours.Succeeded);
        var parsed = FleetCommandLine.Create(_terminal.Environment()).Parse(ours.Value);
        Assert.Empty(parsed.UnmatchedTokens);
        Assert.IsNotType<RootCommand>(parsed.CommandResult.Command);
        // What else a command needs, such as --role, is no matter of habits.
        Assert.DoesNotContain(parsed.Errors, e => !e.Message.StartsWith("Option '", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Answered))]
    public async Task EveryFormWithoutCommand_NamesWhatDoesIt(string line)
    {
        Assert.Equal(ExitCode.Refused, await _terminal.RunAsync(line.Split(' ')));

        Assert.StartsWith($"error: fleet has no command '{line}'\n  what to do: ", _terminal.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("get hosts", "hosts")]
    [InlineData("get hosts --state offline", "hosts --state offline")]
    [InlineData("--json get hosts", "--json hosts")]
    [InlineData("--address https://x ls policies", "--address https://x policies")]
    [InlineData("policy list", "policies")]
    [InlineData("hosts list", "hosts")]
    [InlineData("policy show nightly", "policy nightly")]
    [InlineData("host show web1", "host web1")]
    [InlineData("hosts web1", "host web1")]
    [InlineData("describe host web1", "host web1")]
    [InlineData("delete policy nightly", "delete nightly")]
    [InlineData("policy delete nightly", "delete nightly")]
    [InlineData("delete host web1", "host remove web1")]
    [InlineData("log 3f9c2a -f", "logs 3f9c2a -f")]
    [InlineData("ps", "runs")]
    [InlineData("tokens", "token list")]
    [InlineData("run list", "runs")]
    [InlineData("runs 3f9c2a81d0b4", "run show 3f9c2a81d0b4")]
    [InlineData("stop 3f9c2a81d0b4", "cancel 3f9c2a81d0b4")]
    [InlineData("apply nightly.yaml", "apply --file nightly.yaml")]
    [InlineData("hosts -o json", "hosts --json")]
    [InlineData("hosts -ojson", "hosts --json")]
    [InlineData("runs --output=json --policy p", "runs --json --policy p")]
    [InlineData("runs --format json", "runs --json")]
    [InlineData("runs -n 5", "runs -n 5")]
    [InlineData("help", "--help")]
    [InlineData("help run", "run --help")]
    [InlineData("help token create", "token create --help")]
    [InlineData("", "--help")]
    public void Line_OfAnotherTool_BecomesOurs(string line, string expected) =>
        Assert.Equal(expected, string.Join(' ', Arguments.InOurWords(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Value!));

    /// <summary>A habit that took a line of ours would hide it.</summary>
    [Theory]
    [InlineData("run show 3f9c2a", "run show 3f9c2a")]
    [InlineData("runs show 3f9c2a", "runs show 3f9c2a")]
    [InlineData("policies show list", "policies show list")]
    [InlineData("run -- list", "run -- list")]
    [InlineData("host -- list", "host -- list")]
    [InlineData("policy nightly", "policy nightly")]
    [InlineData("host web1", "host web1")]
    [InlineData("delete policy", "delete policy")]
    [InlineData("run nightly --host get", "run nightly --host get")]
    [InlineData("operator create anna --output anna.json", "operator create anna --output anna.json")]
    [InlineData("operator create anna -o anna.json", "operator create anna -o anna.json")]
    public void Line_OfOurs_Stays(string line, string expected) =>
        Assert.Equal(expected, string.Join(' ', Arguments.InOurWords(line.Split(' ')).Value!));

    [Theory]
    [MemberData(nameof(Commands))]
    public void EveryCommand_Alone_StaysWhatItIs(string command)
    {
        var ours = Arguments.InOurWords(command.Split(' '));

        Assert.Equal(command, string.Join(' ', ours.Value!));
    }

    [Theory]
    [InlineData("hosts -o yaml", "there is no output format 'yaml'")]
    [InlineData("hosts -o", "there is no output format ''")]
    public async Task OutputFormat_ThatThereIsNot_IsRefused(string line, string error)
    {
        Assert.Equal(ExitCode.Refused, await _terminal.RunAsync(line.Split(' ')));

        Assert.Equal($"error: {error}\n  what to do: --json prints JSON; without it, tables\n", _terminal.Error);
    }
}
