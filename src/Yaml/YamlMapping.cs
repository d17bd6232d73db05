using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Fleet.Yaml;

/// <summary>
/// The keys of one mapping, read by type. A value of the wrong type or out of range becomes a problem and reads as
/// absent, so that a reader asks for everything it knows and hears of all problems at once. Every key that was asked
/// for counts as known; <see cref="RefuseUnknown"/> refuses the rest.
/// </summary>
[SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "The names are what YAML calls the kinds of values.")]
public sealed partial class YamlMapping
{
    private readonly YamlMappingNode _node;
    private readonly string _file;
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    internal YamlMapping(YamlMappingNode node, string path, string file, YamlProblems problems)
    {
        _node = node;
        _file = file;
        Path = path;
        Problems = problems;
    }

    /// <summary>Where this mapping stands in its document, for example <c>rsync.source</c>. Empty: the document itself.</summary>
    public string Path { get; }

    /// <summary>Line of the first key, from 1.</summary>
    public int Line => _node.Line;

    /// <summary>Column of the first key, from 1.</summary>
    public int Column => _node.Column;

    /// <summary>Name of the file, as the caller gave it.</summary>
    public string File => _file;

    /// <summary>Where problems go.</summary>
    public YamlProblems Problems { get; }

    /// <summary>All keys, in the order of the text. Reading this does not make them known.</summary>
    public IReadOnlyList<string> Keys => [.. _node.Entries.Select(e => e.Key)];

    /// <summary>True when the key is there, even without a value.</summary>
    public bool Has(string key) => Find(key) is not null;

    /// <summary>What stands behind a key, for keys that take more than one kind.</summary>
    public YamlKind Kind(string key) => Find(key)?.Kind ?? YamlKind.Absent;

    /// <summary>A list of texts; a single text counts as a list of one. Empty if absent.</summary>
    public IReadOnlyList<string> Strings(string key)
    {
        switch (Find(key))
        {
            case null:
                return [];
            case YamlListNode list:
                return [.. list.Items.Select((item, i) => ScalarText(item, $"{key}[{i}]", "text")).OfType<string>()];
            case YamlScalarNode { Kind: YamlKind.Scalar } one:
                return ScalarText(one, key, "text") is { } text ? [text] : [];
            case var other:
                Problem(key, $"must be a list, not {other.Describe()}");
                return [];
        }
    }

    /// <summary>A list of whole numbers within [min, max]. Empty if absent.</summary>
    public IReadOnlyList<long> Integers(string key, long min, long max)
    {
        var result = new List<long>();
        var texts = Strings(key);
        for (var i = 0; i < texts.Count; i++)
        {
            if (long.TryParse(texts[i], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
                && value >= min
                && value <= max)
            {
                result.Add(value);
            }
            else
            {
                Problem($"{key}[{i}]", $"must be a whole number between {min} and {max}, not {SafeQuote.Value(texts[i])}");
            }
        }

        return result;
    }

    /// <summary>A mapping of text to text. Empty if absent.</summary>
    public IReadOnlyDictionary<string, string> StringMap(string key)
    {
        var result = new Dictionary<string, string>(StringComparer.Ordinal);
        if (MappingNode(key) is { } mapping)
        {
            foreach (var entry in mapping.Entries)
            {
                if (ScalarText(entry.Value, $"{key}[\"{entry.Key}\"]", "text") is { } text)
                {
                    result[entry.Key] = text;
                }
            }
        }

        return result;
    }

    /// <summary>A nested mapping. Null if absent, or a problem.</summary>
    public YamlMapping? Mapping(string key) =>
        MappingNode(key) is { } node ? new YamlMapping(node, FieldOf(key), _file, Problems) : null;

    /// <summary>A list of mappings. Empty if absent.</summary>
    public IReadOnlyList<YamlMapping> Mappings(string key)
    {
        var node = Find(key);
        if (node is null)
        {
            return [];
        }

        if (node is not YamlListNode list)
        {
            Problem(key, $"must be a list, not {node.Describe()}");
            return [];
        }

        var result = new List<YamlMapping>();
        for (var i = 0; i < list.Items.Count; i++)
        {
            var item = $"{key}[{i}]";
            if (list.Items[i] is YamlMappingNode mapping)
            {
                result.Add(new YamlMapping(mapping, FieldOf(item), _file, Problems));
            }
            else
            {
                Problem(item, $"must be a mapping, not {list.Items[i].Describe()}");
            }
        }

        return result;
    }

    /// <summary>
    /// A list of which each item is a text or a mapping; a single text counts as a list of one. Of a pair one is null. Empty if absent.
    /// </summary>
    public IReadOnlyList<(string? Text, YamlMapping? Mapping)> TextsAndMappings(string key)
    {
        if (Find(key) is not YamlListNode list)
        {
            return [.. Strings(key).Select(text => ((string?)text, (YamlMapping?)null))];
        }

        return [.. list.Items.Select((item, i) => item is YamlMappingNode mapping
            ? (null, new YamlMapping(mapping, FieldOf($"{key}[{i}]"), _file, Problems))
            : (ScalarText(item, $"{key}[{i}]", "text or a mapping") ?? "", (YamlMapping?)null))];
    }

    /// <summary>
    /// Adds a problem at the place of a key's value, or of this mapping when there is no such key. A path below this
    /// mapping, such as <c>source.path</c> or <c>exclude[2]</c>, works too.
    /// </summary>
    public void Problem(string key, string message)
    {
        var (line, column) = PositionOf(key);
        Problems.Add(_file, line, column, FieldOf(key), message);
    }

    /// <summary>
    /// Line and column of the value at a path below this mapping, such as <c>rsync.exclude[2]</c>; where the text ends
    /// earlier than the path, of the deepest part that is there.
    /// </summary>
    public (int Line, int Column) PositionOf(string path)
    {
        YamlNode node = _node;
        foreach (var part in YamlPath.Split(path))
        {
            var next = (node, part.Index) switch
            {
                (YamlListNode list, { } index) => index < list.Items.Count ? list.Items[index] : null,
                (YamlMappingNode mapping, null) => mapping.Find(part.Name)?.Value,
                _ => null,
            };
            if (next is null)
            {
                break;
            }

            node = next;
        }

        return (node.Line, node.Column);
    }

    /// <summary>
    /// Adds a problem for every key of this mapping (not of the nested ones) that nobody asked for, with the key that
    /// was probably meant. Call it after everything was read.
    /// </summary>
    public void RefuseUnknown()
    {
        foreach (var entry in _node.Entries.Where(e => !_known.Contains(e.Key)))
        {
            var hint = Suggestion.For(entry.Key, _known.Where(k => _node.Find(k) is null)) is { } meant
                ? $"did you mean {meant}?"
                : _known.Count is > 0 and <= 24
                    ? $"known here: {string.Join(", ", _known.Order(StringComparer.Ordinal))}"
                    : "remove it";
            Problems.Add(_file, entry.Line, entry.Column, Path, $"unknown key {SafeQuote.Value(entry.Key)}: {hint}");
        }
    }

    private YamlNode? Find(string key)
    {
        _known.Add(key);
        return _node.Find(key)?.Value;
    }

    private YamlMappingNode? MappingNode(string key)
    {
        var node = Find(key);
        if (node is not null and not YamlMappingNode)
        {
            Problem(key, $"must be a mapping, not {node.Describe()}");
        }

        return node as YamlMappingNode;
    }

    private string FieldOf(string key) => Path.Length == 0 ? key : $"{Path}.{key}";
}
