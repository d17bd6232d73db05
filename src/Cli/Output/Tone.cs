using Spectre.Console;

namespace Fleet.Cli.Output;

/// <summary>The meaning that a colour conveys. Colour never carries information that the text does not.</summary>
internal enum Tone
{
    Plain,
    Good,
    Bad,
    Doubtful,
    Quiet,
    Strong,
}

internal static class Tones
{
    public static Style Style(this Tone tone) => tone switch
    {
        Tone.Good => new Style(Color.Green),
        Tone.Bad => new Style(Color.Red),
        Tone.Doubtful => new Style(Color.Yellow),
        Tone.Quiet => new Style(decoration: Decoration.Dim),
        Tone.Strong => new Style(decoration: Decoration.Bold),
        _ => Spectre.Console.Style.Plain,
    };
}
