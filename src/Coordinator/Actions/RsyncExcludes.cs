using System.Text;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Actions;

/// <summary>Warns about patterns that rsync accepts but that do something else than was probably meant.</summary>
internal static class RsyncExcludes
{
    public static void Check(ActionFindings findings, RsyncAction rsync, string path)
    {
        var source = rsync.Source is null ? "" : Encoding.Latin1.GetString(rsync.Source.Path.Span).TrimEnd('/');
        for (var i = 0; i < rsync.Excludes.Count; i++)
        {
            if (ExcludeProblem(rsync.Excludes[i], source) is { } problem)
            {
                findings.Refuse($"{path}.excludes[{i}]", problem);
            }
            else if (ExcludeDoubt(rsync.Excludes[i]) is { } doubt)
            {
                findings.Warn($"exclude \"{ActionFindings.Printable(rsync.Excludes[i])}\" {doubt}");
            }
        }
    }

    /// <summary>
    /// Warns about patterns that cannot do what was meant: accepted silently, they copy what should be left out, or nothing at all.
    /// </summary>
    private static string? ExcludeProblem(string pattern, string source)
    {
        if (pattern.Length == 0)
        {
            return null; // Reported elsewhere.
        }

        if (pattern is "*" or "**" or "/*" or "/**" or "***" or "/***" or "/")
        {
            return $"\"{pattern}\" leaves everything out: nothing would be copied";
        }

        if (pattern == "!")
        {
            return "\"!\" clears rsync's list of rules: it is no pattern";
        }

        if (pattern.StartsWith("+ ", StringComparison.Ordinal) || pattern.StartsWith("- ", StringComparison.Ordinal))
        {
            return $"is a pattern alone, without \"{pattern[..2]}\": write {ActionFindings.Printable(pattern[2..].Trim())} among the "
                + $"{(pattern[0] == '+' ? "includes" : "excludes")}";
        }

        if (pattern.StartsWith("~/", StringComparison.Ordinal)
            || pattern == "~"
            || pattern.StartsWith('$')
            || pattern.Contains("$(", StringComparison.Ordinal))
        {
            return $"\"{ActionFindings.Printable(pattern)}\" is taken literally, because there is no shell: patterns are relative to "
                + "the source, such as /user/cache below /home";
        }

        if (source.Length > 0 && pattern.StartsWith(source + "/", StringComparison.Ordinal))
        {
            return $"\"{ActionFindings.Printable(pattern)}\" lies below the source {ActionFindings.Printable(source)}, and patterns "
                + $"begin there: write {ActionFindings.Printable(pattern[source.Length..])}";
        }

        return pattern.StartsWith('/') && pattern == source
            ? $"\"{ActionFindings.Printable(pattern)}\" is the source itself: nothing would be copied"
            : null;
    }

    private static string? ExcludeDoubt(string pattern) =>
        pattern.Length == 0 ? null
            : pattern[^1] is ' ' or '\t' || pattern[0] is ' ' or '\t'
            ? "begins or ends with a blank, which is part of it"
            : pattern.StartsWith("./", StringComparison.Ordinal)
                ? $"matches nothing: patterns begin at the source without \"./\", write {ActionFindings.Printable(pattern[1..])}"
                : null;
}
