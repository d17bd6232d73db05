using System.Globalization;

namespace Fleet.Yaml;

/// <summary>Paths such as <c>rsync.exclude[2]</c> and <c>labels["fleet.io/all"]</c>.</summary>
internal static class YamlPath
{
    /// <summary>The parts of a path: names, and indexes into lists (whose name is empty). It ends where it makes no sense.</summary>
    public static List<(string Name, int? Index)> Split(string path)
    {
        var parts = new List<(string, int?)>();
        var rest = path.AsSpan();
        while (!rest.IsEmpty)
        {
            if (rest[0] == '.')
            {
                rest = rest[1..];
            }
            else if (rest.StartsWith("[\""))
            {
                var end = rest.IndexOf("\"]");
                if (end < 2)
                {
                    break;
                }

                parts.Add((rest[2..end].ToString(), null));
                rest = rest[(end + 2)..];
            }
            else if (rest[0] == '[')
            {
                var end = rest.IndexOf(']');
                if (end < 0 || !int.TryParse(rest[1..end], NumberStyles.None, CultureInfo.InvariantCulture, out var index))
                {
                    break;
                }

                parts.Add(("", index));
                rest = rest[(end + 1)..];
            }
            else
            {
                var end = rest.IndexOfAny('.', '[');
                var name = end < 0 ? rest : rest[..end];
                parts.Add((name.ToString(), null));
                rest = rest[name.Length..];
            }
        }

        return parts;
    }
}
