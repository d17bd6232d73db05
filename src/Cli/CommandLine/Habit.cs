namespace Fleet.Cli.CommandLine;

/// <summary>Words that people type who know other tools, and either the words that replace them or an answer.</summary>
internal sealed class Habit
{
    private const string Any = "*";
    private readonly string[][] _pattern;
    private readonly string[] _becomes;

    /// <param name="pattern">Words; alternatives are separated by "|", and * is any single word, such as a name.</param>
    /// <param name="becomes">
    /// The words of our command; * stands for the word that matched the pattern's *. Empty if <see cref="Answer"/> says what to do instead.
    /// </param>
    private Habit(string pattern, string becomes, string answer)
    {
        _pattern = [.. pattern.Split(' ').Select(w => w.Split('|'))];
        _becomes = becomes.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Answer = answer;
    }

    /// <summary>What to do instead; set where no command does it.</summary>
    public string Answer { get; }

    public bool IsAnswered => Answer.Length > 0;

    /// <summary>Every way to type it, with NAME in place of a name: for help, documents and tests.</summary>
    public IEnumerable<string> Forms => _pattern.Aggregate(
        (IEnumerable<string>)[""], (forms, words) =>
            forms.SelectMany(f => words.Select(w => $"{f} {(w == Any ? "NAME" : w)}".TrimStart())));

    public static Habit Becomes(string pattern, string becomes) => new(pattern, becomes, "");

    public static Habit Says(string pattern, string answer) => new(pattern, "", answer);

    public bool Matches(IReadOnlyList<string> words) =>
        words.Count == _pattern.Length
        && !_pattern.Where((alternatives, i) => alternatives[0] != Any && !alternatives.Contains(words[i])).Any();

    /// <summary>Our words in place of those that matched.</summary>
    public IEnumerable<string> Translate(IReadOnlyList<string> words)
    {
        var names = new Queue<string>(words.Where((_, i) => _pattern[i][0] == Any));
        return [.. _becomes.Select(w => w == Any ? names.Dequeue() : w)];
    }
}
