using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Fleet.Yaml;

/// <summary>
/// Turns the parser's events into nodes, within <see cref="YamlLimits"/>. It works on events rather than on YamlDotNet's
/// own tree, because that one resolves aliases and recurses as deeply as the text wants it to.
/// </summary>
internal sealed class YamlReader(string text, string fileName, YamlProblems problems)
{
    private const string TagPrefix = "tag:yaml.org,2002:";
    private int _nodes;

    public IReadOnlyList<YamlMapping> ReadAll()
    {
        var documents = new List<YamlMapping>();
        try
        {
            var parser = new Parser(new Scanner(new StringReader(text), skipComments: true));
            while (parser.MoveNext())
            {
                if (parser.Current is DocumentStart && parser.MoveNext())
                {
                    AddDocument(documents, ReadNode(parser, depth: 0));
                    Check(documents.Count <= YamlLimits.Documents, parser.Current.Start, $"more than {YamlLimits.Documents} documents");
                }
            }
        }
        catch (RefusedException e)
        {
            problems.Add(fileName, e.Line, e.Column, "", e.Message);
            return [];
        }
        catch (YamlException e)
        {
            AddSyntaxProblem(e);
            return [];
        }
        catch (Exception e)
            when (e is InvalidOperationException or ArgumentException or FormatException or IndexOutOfRangeException or OverflowException)
        {
            // The scanner lets a few malformed texts out as exceptions of other types, without a place.
            problems.Add(fileName, 0, 0, "", $"is not valid YAML: {e.Message}");
            return [];
        }

        return documents;
    }

    private void AddDocument(List<YamlMapping> documents, YamlNode root)
    {
        if (root is YamlMappingNode mapping)
        {
            documents.Add(new YamlMapping(mapping, path: "", fileName, problems));
        }
        else if (root.Kind != YamlKind.Null)
        {
            problems.Add(
                fileName,
                root.Line,
                root.Column,
                "",
                $"a document must be a mapping (\"key: value\" lines), not {root.Describe()}");
        }
    }

    // On return parser.Current is the node's last event.
    private YamlNode ReadNode(Parser parser, int depth)
    {
        var start = parser.Current!.Start;
        Check(++_nodes <= YamlLimits.Nodes, start, $"more than {YamlLimits.Nodes} values");
        Check(depth <= YamlLimits.Depth, start, $"nested more than {YamlLimits.Depth} levels deep");
        if (parser.Current is AnchorAlias alias)
        {
            throw Refused(start, $"the alias *{alias.Value} is not supported: write the value out");
        }

        var node = (NodeEvent)parser.Current;
        if (!node.Anchor.IsEmpty)
        {
            throw Refused(start, $"the anchor &{node.Anchor.Value} is not supported: write the value out where it is needed");
        }

        return node switch
        {
            Scalar scalar => ReadScalar(scalar),
            SequenceStart list => ReadList(parser, list, depth),
            MappingStart mapping => ReadMapping(parser, mapping, depth),
            _ => throw Refused(start, "something that is neither a value, a list nor a mapping"),
        };
    }

    private static YamlScalarNode ReadScalar(Scalar scalar)
    {
        Check(
            scalar.Value.Length <= YamlLimits.ScalarLength,
            scalar.Start,
            $"a value longer than {SizeText.Format(YamlLimits.ScalarLength)}");
        var tag = TagOf(scalar);
        if (tag is not ("" or "str" or "binary"))
        {
            throw Refused(
                scalar.Start,
                $"the tag {SafeQuote.Value(scalar.Tag.Value)} is not supported: leave it out (only !!str and !!binary are known)");
        }

        return new YamlScalarNode(Line(scalar.Start), Column(scalar.Start), scalar.Value,
            Plain: scalar.Style == ScalarStyle.Plain && tag.Length == 0, Binary: tag == "binary");
    }

    private YamlListNode ReadList(Parser parser, SequenceStart start, int depth)
    {
        CheckUntagged(start, "seq");
        var items = new List<YamlNode>();
        while (parser.MoveNext() && parser.Current is not SequenceEnd)
        {
            items.Add(ReadNode(parser, depth + 1));
        }

        return new YamlListNode(Line(start.Start), Column(start.Start), items);
    }

    private YamlMappingNode ReadMapping(Parser parser, MappingStart start, int depth)
    {
        CheckUntagged(start, "map");
        var entries = new List<YamlEntry>();
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        while (parser.MoveNext() && parser.Current is not MappingEnd)
        {
            var place = parser.Current!.Start;
            if (ReadNode(parser, depth + 1) is not YamlScalarNode { Binary: false } key)
            {
                throw Refused(place, "a key must be a single text");
            }

            Check(key.Value.Length <= YamlLimits.KeyLength, place, $"a key longer than {YamlLimits.KeyLength} characters");
            parser.MoveNext();
            var value = ReadNode(parser, depth + 1);
            if (known.TryAdd(key.Value, key.Line))
            {
                entries.Add(new YamlEntry(key.Value, key.Line, key.Column, value));
            }
            else
            {
                problems.Add(
                    fileName,
                    key.Line,
                    key.Column,
                    "",
                    $"the key {SafeQuote.Value(key.Value)} is there twice: first in line {known[key.Value]}");
            }
        }

        return new YamlMappingNode(Line(start.Start), Column(start.Start), entries);
    }

    private static string TagOf(NodeEvent node)
    {
        if (node.Tag.IsEmpty)
        {
            return "";
        }

        // "!" forces text: the same as !!str.
        var tag = node.Tag.Value;
        return tag == "!" ? "str" : tag.StartsWith(TagPrefix, StringComparison.Ordinal) ? tag[TagPrefix.Length..] : tag;
    }

    private static void CheckUntagged(NodeEvent node, string allowed) =>
        Check(TagOf(node) is var tag && (tag is "" || tag == allowed || tag == "str" && node.Tag.Value == "!"), node.Start,
            $"the tag {SafeQuote.Value(node.Tag.IsEmpty ? "" : node.Tag.Value)} is not supported: leave it out");

    private void AddSyntaxProblem(YamlException e)
    {
        if (TextPosition.OfTabInIndentation(text) is var tab and not (0, 0) && tab.Line <= Line(e.End) + 1)
        {
            problems.Add(fileName, tab.Line, tab.Column, "", "a tab in the indentation: YAML wants spaces");
            return;
        }

        var message = e.Message.ReplaceLineEndings(" ").TrimEnd('.');
        problems.Add(fileName, Line(e.Start), Column(e.Start), "", $"is not valid YAML: {message}");
    }

    private static void Check(bool holds, Mark place, string message)
    {
        if (!holds)
        {
            throw Refused(place, message);
        }
    }

    private static RefusedException Refused(Mark place, string message) => new(Line(place), Column(place), message);

    private static int Line(Mark mark) => (int)mark.Line;

    private static int Column(Mark mark) => (int)mark.Column;

    /// <summary>Ends the reading of a text that goes beyond what is supported; never leaves this class.</summary>
    private sealed class RefusedException(int line, int column, string message) : Exception(message)
    {
        public int Line => line;

        public int Column => column;
    }
}
