using System.Globalization;

namespace Fleet.Yaml;

/// <summary>Paths such as <c>rsync.exclude[2]</c>.</summary>
internal static class YamlPath
{
    /// <summary>The parts of a path: names, and indexes into lists (whose name is empty).</summary>
    public static IEnumerable<(string Name, int? Index)> Split(string path)
    {
        foreach (var part in path.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            var bracket = part.IndexOf('[', StringComparison.Ordinal);
            if (bracket != 0)
            {
                yield return (bracket < 0 ? part : part[..bracket], null);
            }

            while (bracket >= 0 && part.IndexOf(']', bracket) is var end and > 0)
            {
                if (int.TryParse(part.AsSpan(bracket + 1, end - bracket - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index))
                {
                    yield return ("", index);
                }

                bracket = part.IndexOf('[', end);
            }
        }
    }
}
