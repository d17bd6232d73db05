using System.Globalization;
using Fleet.Cli.Output;

namespace Fleet.Cli.Actions;

/// <summary>What a policy keeps, in words.</summary>
internal static class RetentionText
{
    /// <summary><c>last 10, hourly 24, monthly all, within 2d; floor 3; in Europe/Berlin</c>. Empty if there is no retention.</summary>
    public static string Of(Fleet.Protocol.V1.Retention? retention)
    {
        if (retention?.Keep is not { } keep)
        {
            return "";
        }

        (string Name, int Count)[] counts =
        [
            ("last", keep.Last),
            ("hourly", keep.Hourly),
            ("daily", keep.Daily),
            ("weekly", keep.Weekly),
            ("monthly", keep.Monthly),
            ("yearly", keep.Yearly),
        ];
        var rules = counts.Where(c => c.Count != 0).Select(
            c => $"{c.Name} {(c.Count < 0 ? "all" : c.Count.ToString(CultureInfo.InvariantCulture))}");
        var text = string.Join(", ", keep.Within is null ? rules : rules.Append($"within {HumanText.Span(keep.Within)}"));
        return $"{text}{(retention.Floor > 0 ? $"; floor {retention.Floor.ToString(CultureInfo.InvariantCulture)}" : "")}"
            + $"{(retention.TimeZone.Length > 0 ? $"; in {retention.TimeZone}" : "")}";
    }
}
