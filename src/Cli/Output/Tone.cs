using Spectre.Console;

namespace Fleet.Cli.Output;

/// <summary>What a word means, for those who see colours. No information is in the colour alone.</summary>
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
