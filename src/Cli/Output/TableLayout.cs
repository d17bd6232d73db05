namespace Fleet.Cli.Output;

/// <summary>
/// Lays out rows in columns for a given width. If they do not fit, it first drops empty columns, then wraps long texts between words, then
/// moves the last columns below their row, each with its name. No word is ever broken.
/// </summary>
internal sealed class TableLayout
{
    private const int Gap = 2;
    private const int BelowIndent = 4;

    /// <summary>Texts up to this many columns are not wrapped at all: "10s ago", "succeeded, warnings".</summary>
    private const int ShortText = 24;

    private readonly string[] _headers;
    private readonly List<Cell[]> _rows;
    private readonly HashSet<int> _rightAligned;
    private readonly int _width;
    private readonly int[] _widths;

    /// <summary>The number of columns that are side by side; the remaining ones go below.</summary>
    private readonly int _beside;

    private TableLayout(string[] headers, List<Cell[]> rows, HashSet<int> rightAligned, int width)
    {
        (_headers, _rows, _rightAligned, _width) = (headers, rows, rightAligned, width);
        _widths = [.. headers.Select((h, i) => rows.Select(r => TextWrap.Width(r[i].Text)).Append(TextWrap.Width(h)).Max())];
        if (Total(_widths) <= width)
        {
            _beside = headers.Length;
            return;
        }

        int[] least = [.. headers.Select((h, i) => rows.Select(r => Least(r[i].Text)).Append(TextWrap.Width(h)).Max())];
        _beside = Enumerable.Range(1, headers.Length).Reverse().FirstOrDefault(n => Total(least.AsSpan(0, n)) <= width, 1);
        while (Total(_widths.AsSpan(0, _beside)) > width && Widest(least) is { } widest)
        {
            _widths[widest]--;
        }
    }

    /// <param name="rows">Texts that are safe to print, one cell per header.</param>
    /// <param name="rightAligned">Indexes of the columns that hold numbers.</param>
    /// <param name="width">Columns of the terminal; or <see cref="TextWrap.Unlimited"/>.</param>
    public static IReadOnlyList<IReadOnlyList<Cell>> Lines(
        IReadOnlyList<string> headers, IEnumerable<IReadOnlyList<Cell>> rows, ReadOnlySpan<int> rightAligned, int width)
    {
        var right = rightAligned.ToArray();
        List<Cell[]> all = [.. rows.Select(r => r.ToArray())];
        var layout = new TableLayout([.. headers], all, [.. right], width);
        if (layout._beside < headers.Count && all.Count > 0)
        {
            // Empty columns go first: nobody misses them.
            int[] kept = [.. Enumerable.Range(0, headers.Count).Where(i => i == 0 || all.Any(r => r[i].Text.Length > 0))];
            layout = new TableLayout(
                [.. kept.Select(i => headers[i])],
                [.. all.Select(r => kept.Select(i => r[i]).ToArray())],
                [.. Enumerable.Range(0, kept.Length).Where(i => right.Contains(kept[i]))],
                width);
        }

        return layout.Lines();
    }

    private static int Least(string text) =>
        TextWrap.Width(text) <= ShortText ? TextWrap.Width(text) : Math.Max(ShortText, TextWrap.LongestWord(text));

    private static int Total(ReadOnlySpan<int> widths)
    {
        var total = Gap * (widths.Length - 1);
        foreach (var width in widths)
        {
            total += width;
        }

        return total;
    }

    private int? Widest(int[] least)
    {
        int? widest = null;
        for (var i = 0; i < _beside; i++)
        {
            if (_widths[i] > least[i] && (widest is null || _widths[i] > _widths[widest.Value]))
            {
                widest = i;
            }
        }

        return widest;
    }

    private List<IReadOnlyList<Cell>> Lines()
    {
        List<IReadOnlyList<Cell>> lines = [.. Beside([.. _headers.Select(h => new Cell(h, Tone.Strong))])];
        foreach (var row in _rows)
        {
            lines.AddRange(Beside(row));
            lines.AddRange(Below(row));
        }

        return lines;
    }

    private IEnumerable<IReadOnlyList<Cell>> Beside(Cell[] row)
    {
        var columns = row.Take(_beside)
            .Select((c, i) => TextWrap.Lines(c.Text, _widths[i]).Select(t => c with { Text = t }).ToList())
            .ToList();
        for (var n = 0; n < columns.Max(c => c.Count); n++)
        {
            var line = new List<Cell>();
            for (var i = 0; i < _beside; i++)
            {
                var cell = n < columns[i].Count ? columns[i][n] : "";
                var padding = new string(' ', Math.Max(0, _widths[i] - TextWrap.Width(cell.Text)));
                if (_rightAligned.Contains(i))
                {
                    line.Add(padding);
                    line.Add(cell);
                }
                else
                {
                    line.Add(cell);
                    line.Add(padding);
                }

                line.Add(i < _beside - 1 ? new string(' ', Gap) : "");
            }

            yield return Trimmed(line);
        }
    }

    private IReadOnlyList<IReadOnlyList<Cell>> Below(Cell[] row)
    {
        var line = new List<Cell>();
        for (var i = _beside; i < row.Length; i++)
        {
            if (row[i].Text.Length == 0)
            {
                continue;
            }

            line.Add(line.Count == 0 ? new string(' ', BelowIndent) : new string(' ', Gap));
            // A sentence explains itself; a name or a number on its own needs its header.
            if (_beside < row.Length - 1 || !row[i].Text.Contains(' '))
            {
                line.Add(new Cell($"{_headers[i].ToLowerInvariant()} ", Tone.Quiet));
            }

            line.Add(row[i]);
        }

        return line.Count == 0 ? [] : TextWrap.Lines(line, _width, BelowIndent);
    }

    private static List<Cell> Trimmed(List<Cell> line)
    {
        while (line.Count > 0 && line[^1].Text.TrimEnd(' ').Length == 0)
        {
            line.RemoveAt(line.Count - 1);
        }

        return line;
    }
}
