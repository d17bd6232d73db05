using System.CommandLine;
using System.CommandLine.Invocation;
using System.Globalization;
using Fleet.Cli.Outcomes;

namespace Fleet.Cli.Completion;

/// <summary>
/// <c>fleet [suggest:POSITION] LINE</c>, for the scripts of <c>fleet completion</c>: prints the completions of the last word of
/// LINE, up to POSITION, one per line. The library's own directive takes a word that is already a command as finished
/// ("run" would hide "runs") and matches in the middle of words; this one completes prefixes, as shells do.
/// </summary>
internal sealed class SuggestDirective : Directive
{
    public SuggestDirective()
        : base("suggest") => Action = new Suggest(this);

    internal sealed class Suggest(SuggestDirective directive) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var line = parseResult.UnmatchedTokens is [.., var last] ? last : "";
            var position = parseResult.GetResult(directive)?.Values is [var first, ..] ? first : null;
            if (int.TryParse(position, NumberStyles.None, CultureInfo.InvariantCulture, out var end) && end < line.Length)
            {
                line = line[..end];
            }

            var lastWord = line.LastIndexOf(' ') + 1;
            var prefix = line[lastWord..];
            // Drop the program's own name, however it was called.
            var before = line[..lastWord].TrimStart();
            before = before.IndexOf(' ', StringComparison.Ordinal) is var name and > 0 ? before[(name + 1)..] : "";
            var candidates = parseResult.RootCommandResult.Command.Parse(before).GetCompletions(before.Length);
            foreach (var label in candidates
                    .Select(c => c.Label)
                    .Where(c => c.StartsWith(prefix, StringComparison.Ordinal))
                    .Distinct(StringComparer.Ordinal))
            {
                parseResult.InvocationConfiguration.Output.WriteLine(label);
            }

            return ExitCode.Ok;
        }
    }
}
