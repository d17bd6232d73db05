using Fleet.Cli.Outcomes;
using Fleet.Cli.ProcessEnvironment;
using Google.Protobuf;
using Spectre.Console;

namespace Fleet.Cli.Output;

/// <summary>
/// Prints everything that goes to the terminal. Text is made safe here, not by the caller; markup is never interpreted. Lines are wrapped
/// between words to fit the terminal; without a terminal, each row is one line, however long.
/// </summary>
internal sealed class Printer
{
    // Lines are wrapped here, not by Spectre, which would break words: it is never given the true width.
    private const int WidthForSpectre = 4_000;
    private const int NarrowestTerminal = 20;

    private static readonly JsonFormatter Json = new(JsonFormatter.Settings.Default.WithFormatDefaultValues(true));
    private readonly CliEnvironment _environment;
    private IAnsiConsole? _console;

    public Printer(CliEnvironment environment)
    {
        _environment = environment;
        Width = environment.OutputIsTerminal ? Math.Max(NarrowestTerminal, environment.Width) : TextWrap.Unlimited;
    }

    /// <summary>Width of a line, in columns.</summary>
    public int Width { get; }

    /// <summary>
    /// For output that is redrawn in place. Give it only renderables made with <see cref="Paragraph(IReadOnlyList{Cell})"/>.
    /// </summary>
    public IAnsiConsole Console => _console ??= CreateConsole();

    /// <summary>One line of text that has already been made safe.</summary>
    public static Paragraph Paragraph(IReadOnlyList<Cell> line)
    {
        var paragraph = new Paragraph();
        foreach (var cell in line)
        {
            paragraph.Append(cell.Text, cell.Tone.Style());
        }

        return paragraph;
    }

    /// <summary>Prints one line made of cells. A line that does not fit is wrapped between words.</summary>
    public void Line(params ReadOnlySpan<Cell> cells) => Hanging(0, cells);

    /// <summary>Like <see cref="Line"/>, with all lines but the first indented by a number of columns.</summary>
    public void Hanging(int indent, params ReadOnlySpan<Cell> cells)
    {
        foreach (var line in Wrapped(indent, cells))
        {
            Write(line);
        }
    }

    /// <summary>The lines that <see cref="Hanging"/> prints.</summary>
    public IReadOnlyList<IReadOnlyList<Cell>> Wrapped(int indent, params ReadOnlySpan<Cell> cells) =>
        TextWrap.Lines(Safe(cells.ToArray()), Width, indent);

    /// <summary>Prints a line of a log or a script: never wrapped, and tabs are kept.</summary>
    public void LogLine(string text) => _environment.Output.WriteLine(TerminalText.SafeLogLine(text));

    /// <summary>Prints text of our own as it is, line breaks included.</summary>
    public void Verbatim(string text) => _environment.Output.Write(text);

    public void Table(IReadOnlyList<string> headers, IEnumerable<IReadOnlyList<Cell>> rows, params ReadOnlySpan<int> rightAligned)
    {
        foreach (var line in TableLines(headers, rows, rightAligned))
        {
            Write(line);
        }
    }

    /// <summary>The lines that <see cref="Table"/> prints.</summary>
    public IReadOnlyList<IReadOnlyList<Cell>> TableLines(
        IReadOnlyList<string> headers, IEnumerable<IReadOnlyList<Cell>> rows, params ReadOnlySpan<int> rightAligned) =>
        TableLayout.Lines(headers, rows.Select(Safe), rightAligned, Width);

    /// <summary>Prints names and values, one pair per line; pairs without a value are left out.</summary>
    public void Facts(params IEnumerable<(string Name, Cell Value)> facts)
    {
        var shown = facts.Where(f => f.Value.Text.Length > 0).ToList();
        var names = shown.Count == 0 ? 0 : shown.Max(f => f.Name.Length);
        foreach (var (name, value) in shown)
        {
            Hanging(names + 2, new Cell(name, Tone.Quiet), new string(' ', names + 2 - name.Length), value);
        }
    }

    /// <summary>Prints one JSON document on one line, in protobuf's JSON mapping; fields without presence are always included.</summary>
    public void Message(IMessage message) => _environment.Output.WriteLine(Json.Format(message));

    /// <summary>Prints a remark that is not part of the answer to the error output.</summary>
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

    private static IReadOnlyList<Cell> Safe(IReadOnlyList<Cell> cells) =>
        [.. cells.Select(c => c with { Text = TerminalText.Safe(c.Text) })];

    private IAnsiConsole CreateConsole()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = _environment.Redraws ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = _environment.Colour ? ColorSystemSupport.EightBit : ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(_environment.Output),
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        });
        console.Profile.Width = WidthForSpectre;
        console.Profile.Height = _environment.Height;
        console.Profile.Capabilities.Unicode = false;
        return console;
    }

    private void Write(IReadOnlyList<Cell> line)
    {
        if (_environment.Colour)
        {
            Console.Write(Paragraph(line));
            _environment.Output.WriteLine();
        }
        else
        {
            _environment.Output.WriteLine(string.Concat(line.Select(c => c.Text)).TrimEnd(' '));
        }
    }
}
