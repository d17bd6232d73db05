namespace Fleet.Yaml;

/// <summary>Gathers what is wrong, so that a reader hears all of it at once. At most 100; the rest is counted.</summary>
public sealed class YamlProblems
{
    private const int MostKept = 100;
    private readonly List<YamlProblem> _items = [];

    /// <summary>In the order of discovery.</summary>
    public IReadOnlyList<YamlProblem> Items => _items;

    /// <summary>True when there is at least one problem.</summary>
    public bool Any => _items.Count > 0;

    /// <summary>Problems that came after the first hundred and were not kept.</summary>
    public int LeftOut { get; private set; }

    /// <summary>Adds a problem; one that is already there is not added again.</summary>
    public void Add(YamlProblem problem)
    {
        if (_items.Contains(problem))
        {
            return;
        }

        if (_items.Count < MostKept)
        {
            _items.Add(problem);
        }
        else
        {
            LeftOut++;
        }
    }

    /// <summary>Adds a problem.</summary>
    public void Add(string file, int line, int column, string field, string message) =>
        Add(new YamlProblem(file, line, column, field, message));

    /// <summary>One problem per line.</summary>
    public override string ToString() =>
        string.Join('\n', _items) + (LeftOut > 0 ? $"\n... and {LeftOut} more" : "");
}
