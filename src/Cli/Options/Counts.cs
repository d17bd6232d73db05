using System.CommandLine;
using System.Globalization;

namespace Fleet.Cli.Options;

/// <summary>Options that take a whole number within bounds. The description states the default, if there is one.</summary>
internal static class Counts
{
    public static Option<long?> Option(string name, string description, long min, long max) => Option(name, [], description, min, max);

    public static Option<long?> Option(string name, string alias, string description, long min, long max) =>
        Option(name, [alias], description, min, max);

    private static Option<long?> Option(string name, string[] aliases, string description, long min, long max) => new(name, aliases)
    {
        Description = description,
        HelpName = "N",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
                    || value < min || value > max)
            {
                result.AddError(max == long.MaxValue
                    ? $"{name} takes a whole number, {min} or more, not '{text}'."
                    : $"{name} takes a whole number between {min} and {max}, not '{text}'.");
            }

            return value;
        },
    };
}
