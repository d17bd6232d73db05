using System.Diagnostics;
using Fleet.Cli.Tests.Scripted;

namespace Fleet.Cli.Tests.Completion;

/// <summary>A real shell that is asked what it offers at the end of a line, with the real program on its PATH.</summary>
internal sealed class Shell(Terminal terminal, string credential)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    // $1: the line. The function is called as readline calls it.
    private const string BashDriver = """
        set -eu
        LOAD
        [[ $(complete -p fleet) == *' -F _fleet fleet' ]]
        COMP_LINE=$1 COMP_POINT=${#1}
        read -ra COMP_WORDS <<<"$1"
        [[ $1 != *' ' ]] || COMP_WORDS+=('')
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _fleet
        printf '%s\n' "${COMPREPLY[@]}"
        """;

    // An interactive zsh on a pseudo-terminal gets the line and one TAB. What completion functions add is written down before
    // zsh shows it. A marker is never typed as it is printed, so that the echo of the input is not taken for the answer.
    private const string ZshDriver = """
        zmodload zsh/zpty || exit 3
        zpty shell zsh -f -i
        zpty -w shell 'source ~/setup.zsh'
        zpty -r shell screen '*set''up is done*' || exit 3
        zpty -w -n shell "$1"$'\t'
        zpty -r shell screen '*OFF''ERED<*>*' || exit 3
        offered=${${screen##*OFFERED<}%%>*}
        zpty -d shell
        print -rl -- ${(s:|:)offered}
        """;

    private const string ZshSetup = """
        LOAD
        typeset -ga offered=()
        compadd() {
            local -a fitting
            builtin compadd -O fitting "$@"
            offered+=($fitting)
            builtin compadd "$@"
        }
        offer() { zle complete-word; print -r -- "OFF""ERED<${(j:|:)offered}>"; }
        zle -N offer
        bindkey '^I' offer
        print 'set''up is done'
        """;

    private const string FishDriver = """
        LOAD
        complete -C $argv[1]
        """;

    // The program as it was built, with everything that it needs: the copy beside the tests lacks what the tests' own
    // framework brings.
    private static readonly string ProductFolder = Path.Combine(
        AppContext.BaseDirectory, "..", "..", "Fleet.Cli", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')));

    /// <summary>What `fleet completion SHELL` prints.</summary>
    public Task<string> ScriptAsync(string shell) => RunAsync([Path.Combine(ProductFolder, "fleet"), "completion", shell]);

    /// <summary>Sorted, each once.</summary>
    /// <param name="installed">The script lies where the shell looks for it by itself, as a package puts it. False: it is sourced.</param>
    public async Task<IReadOnlyList<string>> OfferedAsync(string shell, string line, bool installed = false)
    {
        var output = shell switch
        {
            "bash" => await RunAsync(["bash", "--norc", "-c", Loading(BashDriver, "source <(fleet completion bash)"), "bash", line]),
            "zsh" => await ZshAsync(line, installed),
            _ => await FishAsync(line, installed),
        };
        return
        [
            .. output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(c => c.TrimEnd()).Distinct().Order(StringComparer.Ordinal),
        ];
    }

    private static string Loading(string driver, string load) => driver.Replace("LOAD", load, StringComparison.Ordinal);

    private async Task<string> ZshAsync(string line, bool installed)
    {
        const string Compinit = "autoload -Uz compinit && compinit -D -u";
        if (installed)
        {
            terminal.WriteFile("completions/_fleet", await ScriptAsync("zsh"));
        }

        terminal.WriteFile(
            "setup.zsh",
            Loading(ZshSetup, installed ? $"fpath=(~/completions $fpath); {Compinit}" : $"{Compinit}; source <(fleet completion zsh)"));
        return await RunAsync(["zsh", "-f", "-c", ZshDriver, "zsh", line]);
    }

    private async Task<string> FishAsync(string line, bool installed)
    {
        if (installed)
        {
            terminal.WriteFile("share/fish/vendor_completions.d/fleet.fish", await ScriptAsync("fish"));
        }

        return await RunAsync(["fish", "-c", Loading(FishDriver, installed ? "" : "fleet completion fish | source"), line]);
    }

    private async Task<string> RunAsync(IReadOnlyList<string> command)
    {
        var start = new ProcessStartInfo(command[0], command.Skip(1))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = terminal.Home,
        };
        start.Environment["PATH"] = $"{ProductFolder}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["HOME"] = terminal.Home;
        start.Environment["TERM"] = "dumb";
        start.Environment["XDG_DATA_DIRS"] = $"{terminal.Home}/share:/usr/share";
        start.Environment["FLEET_CREDENTIAL"] = credential;
        start.Environment.Remove("ZDOTDIR");
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(Limit);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var error = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await process.WaitForExitAsync(limit.Token);
            Assert.True(process.ExitCode == 0, await error);
            return await output;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{command[0]} did not end within {Limit.TotalSeconds:0} s");
        }
    }
}
