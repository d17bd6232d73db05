using System.CommandLine;
using Fleet.Yaml;

namespace Fleet.Cli.Options;

/// <summary>Options that take a duration such as 15s, 1h30m or 7d.</summary>
internal static class Durations
{
    public static Option<TimeSpan?> Option(string name, string description, TimeSpan min, TimeSpan max, bool recursive = false) => new(name)
    {
        Description = description,
        HelpName = "DURATION",
        Recursive = recursive,
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (!DurationText.TryParse(text, out var value))
            {
                result.AddError($"{name} takes a duration such as 15s, 10m, 6h, 7d or 1h30m, not '{text}'.");
            }
            else if (value < min || value > max)
            {
                result.AddError($"{name} must be between {DurationText.Format(min)} and {DurationText.Format(max)}, not {text}.");
            }

            return value;
        },
    };
}
