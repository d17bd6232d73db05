namespace Fleet.Cli.Output;

/// <summary>A piece of text with a tone. Text is made safe when it is printed, not before.</summary>
internal readonly record struct Cell(string Text, Tone Tone = Tone.Plain)
{
    public static implicit operator Cell(string text) => new(text);

    public static implicit operator Cell(int number) => new(number.ToString(System.Globalization.CultureInfo.InvariantCulture));

    public static implicit operator Cell(long number) => new(number.ToString(System.Globalization.CultureInfo.InvariantCulture));
}
