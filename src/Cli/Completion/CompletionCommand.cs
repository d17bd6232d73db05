using System.CommandLine;
using Fleet.Cli.Commands;
using Fleet.Cli.Options;
using Fleet.Cli.Outcomes;

namespace Fleet.Cli.Completion;

/// <summary>
/// <c>fleet completion SHELL</c>: prints a script that asks this program for completions, including names of hosts and policies.
/// </summary>
internal static class CompletionCommand
{
    private const string Bash = """
        # bash completion for fleet. Put it in /usr/share/bash-completion/completions/fleet, or: source <(fleet completion bash)
        _fleet() {
            local line=${COMP_LINE:0:COMP_POINT} word=${COMP_WORDS[COMP_CWORD]} candidate
            COMPREPLY=()
            while IFS= read -r candidate; do
                [[ $candidate == "$word"* ]] && COMPREPLY+=("$candidate")
            done < <("${COMP_WORDS[0]}" "[suggest:${#line}]" "$line" 2>/dev/null)
            return 0
        }
        complete -o default -F _fleet fleet

        """;

    // If zsh loads it from $fpath, the body of the file is the function's first call.
    private const string Zsh = """
        #compdef fleet
        # zsh completion for fleet. Put it in a directory of $fpath as _fleet, or: source <(fleet completion zsh)
        _fleet() {
            local line="${(j: :)words[1,CURRENT-1]} $PREFIX"
            local -a candidates
            candidates=(${(f)"$("${words[1]}" "[suggest:${#line}]" "$line" 2>/dev/null)"})
            if (( $#candidates )); then
                compadd -a candidates
            else
                _default
            fi
        }
        if [[ ${funcstack[1]} == _fleet ]]; then
            _fleet "$@"
        elif (( $+functions[compdef] )); then
            compdef _fleet fleet
        fi

        """;

    private const string Fish = """
        # fish completion for fleet. Put it in ~/.config/fish/completions/fleet.fish, or: fleet completion fish | source
        function __fleet_complete
            set -l line (commandline -cp)
            set -l candidates (command fleet "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null)
            if set -q candidates[1]
                printf '%s\n' $candidates
            else
                __fish_complete_path (commandline -ct)
            end
        end
        complete -c fleet -f -a '(__fleet_complete)'

        """;

    public static Command Create(CommandActions actions)
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh or fish." };
        shell.TakesOnly("bash", "zsh", "fish");
        var command = new FleetCommand("completion", "Prints a script that makes a shell complete commands, options and names.",
            "source <(fleet completion bash)",
            "fleet completion fish > ~/.config/fish/completions/fleet.fish")
        {
            shell,
        };
        return actions.Local(command, invocation =>
        {
            invocation.Out.Verbatim(invocation.Get(shell) switch
            {
                "bash" => Bash,
                "zsh" => Zsh,
                _ => Fish,
            });
            return Task.FromResult(ExitCode.Ok);
        });
    }
}
