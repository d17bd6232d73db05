using Spectre.Console.Rendering;

namespace Fleet.Cli.Output;

/// <summary>
/// Breaks lines only at spaces: a name, an id or a path stays in one piece, so that it can be copied. A word that is longer than the line
/// is left to the terminal, which wraps it without inserting a line break.
/// </summary>
internal static class TextWrap
{
    public const int Unlimited = int.MaxValue;

    /// <summary>Width of a text on the terminal, in columns.</summary>
    public static int Width(string text) => text.All(c => c is >= ' ' and <= '~') ? text.Length : new Segment(text).CellCount();

    public static int LongestWord(string text) => text.Split(' ').Max(Width);

    public static IReadOnlyList<string> Lines(string text, int width) =>
        [.. Lines([text], width, 0).Select(l => string.Concat(l.Select(c => c.Text)))];

    /// <param name="hanging">Columns by which all lines but the first are indented.</param>
    public static IReadOnlyList<IReadOnlyList<Cell>> Lines(IReadOnlyList<Cell> cells, int width, int hanging)
    {
        if (width == Unlimited || cells.Sum(c => Width(c.Text)) <= width)
        {
            return [cells];
        }

        var lines = new List<IReadOnlyList<Cell>>();
        var line = new List<Cell>();
        var used = 0;
        var hasWord = false;
        foreach (var (spaces, word, length) in Words(cells))
        {
            if (hasWord && used + spaces.Length + length > width)
            {
                lines.Add(line);
                line = hanging > 0 ? [new string(' ', hanging)] : [];
                used = hanging;
            }
            else
            {
                line.Add(spaces);
                used += spaces.Length;
            }

            line.AddRange(word);
            used += length;
            hasWord = true;
        }

        lines.Add(line);
        return lines;
    }

    /// <summary>Crops a line to the given width, for places where it must not wrap.</summary>
    public static IReadOnlyList<Cell> Cropped(IReadOnlyList<Cell> line, int width)
    {
        var left = width;
        var cropped = new List<Cell>();
        foreach (var cell in line)
        {
            var text = cell.Text;
            while (Width(text) > left)
            {
                text = text[..^1];
            }

            cropped.Add(cell with { Text = text });
            left -= Width(text);
            if (text.Length < cell.Text.Length)
            {
                break;
            }
        }

        return cropped;
    }

    // A word may have several tones, so it ends at a space, not at the end of a cell.
    private static List<(string Spaces, List<Cell> Word, int Length)> Words(IReadOnlyList<Cell> cells)
    {
        var words = new List<(string Spaces, List<Cell> Word, int Length)>();
        var pending = 0;
        var isOpen = false;
        foreach (var cell in cells)
        {
            var parts = cell.Text.Split(' ');
            for (var i = 0; i < parts.Length; i++)
            {
                if (i > 0)
                {
                    pending++;
                    isOpen = false;
                }

                if (parts[i].Length == 0)
                {
                    continue;
                }

                if (!isOpen)
                {
                    words.Add((new string(' ', pending), [], 0));
                    (pending, isOpen) = (0, true);
                }

                var (spaces, word, length) = words[^1];
                word.Add(cell with { Text = parts[i] });
                words[^1] = (spaces, word, length + Width(parts[i]));
            }
        }

        return words;
    }
}
