using Fleet.Cli.CommandLine;
using Google.Protobuf;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Fleet.Cli.Output;

/// <summary>
/// Everything that goes to the terminal. Text comes in as it is and is made safe here; markup is never interpreted.
/// Without a terminal one row is one line, however long.
/// </summary>
internal sealed class Printer
{
    // Wide enough that nothing wraps, narrow enough that Spectre does not pad lines to it.
    private const int WidthWithoutTerminal = 4_000;

    private static readonly JsonFormatter Json = new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));
    private readonly CliEnvironment _environment;

    public Printer(CliEnvironment environment)
    {
        _environment = environment;
        Console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = environment.Redraws ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = environment.Colour ? ColorSystemSupport.EightBit : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(environment.Output),
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        });
        Console.Profile.Width = environment.OutputIsTerminal ? Math.Max(20, environment.Width) : WidthWithoutTerminal;
        Console.Profile.Height = environment.Height;
        Console.Profile.Capabilities.Unicode = false;
    }

    /// <summary>For what is redrawn in place. Give it only renderables made of <see cref="Text(Cell)"/>.</summary>
    public IAnsiConsole Console { get; }

    public static Text Text(Cell cell) => new(TerminalText.Safe(cell.Text), cell.Tone.Style());

    /// <summary>One line of pieces; too long for the terminal, it goes on in the next.</summary>
    public void Line(params ReadOnlySpan<Cell> cells)
    {
        var paragraph = new Paragraph();
        foreach (var cell in cells)
        {
            paragraph.Append(TerminalText.Safe(cell.Text), cell.Tone.Style());
        }

        Write(paragraph);
        _environment.Output.WriteLine();
    }

    /// <summary>A line of a log or a script: never wrapped, tabs stay.</summary>
    public void LogLine(string text) => _environment.Output.WriteLine(TerminalText.SafeLogLine(text));

    /// <summary>Text that is our own, lines and all.</summary>
    public void Verbatim(string text) => _environment.Output.Write(text);

    public void Table(IReadOnlyList<string> headers, IEnumerable<IReadOnlyList<Cell>> rows, params ReadOnlySpan<int> rightAligned)
    {
        var table = NewTable(headers, rightAligned);
        foreach (var row in rows)
        {
            table.AddRow(row.Select(c => (IRenderable)Text(c)));
        }

        Write(table);
    }

    /// <summary>Names and values, one pair per line; pairs without a value are left out.</summary>
    public void Facts(params IEnumerable<(string Name, Cell Value)> facts)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap().PadLeft(0).PadRight(2)).AddColumn(new GridColumn().PadLeft(0).PadRight(0));
        foreach (var (name, value) in facts.Where(f => f.Value.Text.Length > 0))
        {
            grid.AddRow(Text(new Cell(name, Tone.Quiet)), Text(value));
        }

        Write(grid);
    }

    public static Table NewTable(IReadOnlyList<string> headers, ReadOnlySpan<int> rightAligned)
    {
        var table = new Table { Border = TableBorder.None };
        for (var i = 0; i < headers.Count; i++)
        {
            var last = i == headers.Count - 1;
            table.AddColumn(new TableColumn(new Text(headers[i], Tone.Strong.Style()))
            {
                Padding = new Padding(0, 0, last ? 0 : 2, 0),
                Alignment = rightAligned.Contains(i) ? Justify.Right : Justify.Left,
            });
        }

        return table;
    }

    /// <summary>One JSON document on one line, in protobuf's JSON mapping with every field that has no presence.</summary>
    public void Message(IMessage message) => _environment.Output.WriteLine(Json.Format(message));

    /// <summary>Something worth knowing that is not the answer; goes to the error output.</summary>
    public void Note(string text) => _environment.Error.WriteLine(TerminalText.Safe(text));

    public void Failure(CliFailure failure)
    {
        _environment.Error.WriteLine($"error: {TerminalText.Safe(failure.Message)}");
        foreach (var detail in failure.Details)
        {
            _environment.Error.WriteLine($"  {TerminalText.Safe(detail)}");
        }

        if (failure.WhatToDo.Length > 0)
        {
            _environment.Error.WriteLine($"  what to do: {TerminalText.Safe(failure.WhatToDo)}");
        }
    }

    public void Flush() => _environment.Output.Flush();

    // Spectre pads cells with spaces up to the column's width, the last one too: nobody wants those in a file.
    private void Write(IRenderable renderable)
    {
        if (_environment.Colour)
        {
            Console.Write(renderable);
            return;
        }

        var options = RenderOptions.Create(Console, Console.Profile.Capabilities);
        var text = string.Concat(renderable.Render(options, Console.Profile.Width).Select(s => s.IsControlCode ? "" : s.Text));
        var lines = text.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            _environment.Output.Write(lines[i].TrimEnd(' '));
            if (i < lines.Length - 1)
            {
                _environment.Output.Write('\n');
            }
        }
    }
}
