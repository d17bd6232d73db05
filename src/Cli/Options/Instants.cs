using System.CommandLine;
using System.Globalization;

namespace Fleet.Cli.Options;

/// <summary>Options that take a point in time such as 2026-12-31T23:00Z. Without a zone: UTC.</summary>
internal static class Instants
{
    public static Option<DateTimeOffset?> Option(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "TIME",
        CustomParser = result =>
        {
            var isRead = DateTimeOffset.TryParse(
                result.Tokens[0].Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time);
            if (!isRead)
            {
                result.AddError($"{name} takes a time such as 2026-12-31T23:00Z, not '{result.Tokens[0].Value}'.");
            }

            return isRead ? time : null;
        },
    };
}
