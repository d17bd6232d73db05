using System.Text.RegularExpressions;

namespace Fleet.Testing;

/// <summary>A top-level folder of a project.</summary>
/// <param name="MayUse">Names of the rooms whose types it may name.</param>
/// <param name="Because">What the room is, so that it is clear why it may use no more.</param>
public sealed record Room(string Name, string[] MayUse, string Because);

/// <summary>
/// Which folders of a project use which, read from its source. A using directive that is not needed is an error of the build, so each one
/// is a use; so is a type that is named with its namespace. What comments name does not count. Files outside any folder stand above all
/// rooms and are left out.
/// </summary>
/// <param name="folder">Path of the project. Its folders are the namespaces below <paramref name="rootNamespace"/>.</param>
public sealed class RoomGraph(string folder, string rootNamespace)
{
    private readonly List<Use> _uses = [.. UsesIn(folder, rootNamespace)];

    /// <summary>The graph of <c>src/NAME</c>, whose root namespace is <c>Fleet.NAME</c>.</summary>
    public static RoomGraph OfProject(string name) => new(Path.Join(Repository.Root, "src", name), $"Fleet.{name}");

    /// <summary>Every top-level folder that holds source, in order.</summary>
    public IEnumerable<string> Rooms => Sources(folder).Select(file => Folders(folder, file)).Where(static path => path.Length > 0)
        .Select(static path => path[0]).Distinct().Order(StringComparer.Ordinal);

    /// <summary>Each use that the table does not allow: "Output/Printer.cs: Output uses Runs".</summary>
    public IEnumerable<string> NotAllowed(IEnumerable<Room> table)
    {
        var allowed = table.SelectMany(static room => room.MayUse.Select(to => (room.Name, to))).ToHashSet();
        return _uses.Where(use => !use.From.Contains('/') && !allowed.Contains((use.From, use.To)))
            .Select(static use => $"{use.File}: {use.From} uses {use.To}").Distinct();
    }

    /// <summary>A cycle between folders that lie beside each other, at any depth: "A/B -> A/C -> A/B". Null if there is none.</summary>
    public string? Cycle() => CycleIn(_uses.Select(static use => (use.From, use.To)));

    /// <summary>A cycle in what the table allows: "A -> B -> A". Null if there is none.</summary>
    public static string? Cycle(IEnumerable<Room> table) =>
        CycleIn(table.SelectMany(static room => room.MayUse.Select(to => (room.Name, to))));

    private static IEnumerable<Use> UsesIn(string root, string rootNamespace)
    {
        foreach (var file in Sources(root))
        {
            var code = string.Join('\n', File.ReadLines(file).Where(static line => !line.AsSpan().TrimStart().StartsWith("//")));
            var folders = Folders(root, file);
            for (var depth = 0; depth < folders.Length; depth++)
            {
                var parent = folders[..depth];
                var from = string.Join('/', folders[..(depth + 1)]);
                var prefix = Regex.Escape(string.Join('.', [rootNamespace, .. parent]));
                foreach (Match match in Regex.Matches(code, $@"(?<![\w.])({prefix}\.)?([A-Z]\w*)(?:\.([A-Z]\w*))?"))
                {
                    var to = match.Groups[2].Value;
                    var room = Path.Join([root, .. parent, to]);
                    // "Runs.RunTable" names a room only if it has that type: it could be a property, too.
                    var isRoom = match.Groups[1].Success
                        ? Directory.Exists(room)
                        : File.Exists(Path.Join(room, $"{match.Groups[3].Value}.cs"));
                    if (to != folders[depth] && isRoom)
                    {
                        yield return new(Path.GetRelativePath(root, file), from, string.Join('/', [.. parent, to]));
                    }
                }
            }
        }
    }

    private static IEnumerable<string> Sources(string root) =>
        Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories).Where(file => Folders(root, file) is not ["bin" or "obj", ..]);

    private static string[] Folders(string root, string file) => Path.GetRelativePath(root, file).Split('/')[..^1];

    private static string? CycleIn(IEnumerable<(string From, string To)> uses)
    {
        var graph = uses.Distinct().ToLookup(static use => use.From, static use => use.To);
        HashSet<string> done = [];
        return First(graph.Select(static room => room.Key), []);

        string? First(IEnumerable<string> rooms, List<string> path) =>
            rooms.Order(StringComparer.Ordinal).Select(room => From(room, path)).FirstOrDefault(static cycle => cycle is not null);

        string? From(string room, List<string> path)
        {
            if (path.IndexOf(room) is >= 0 and var start)
            {
                return string.Join(" -> ", [.. path[start..], room]);
            }

            if (done.Contains(room))
            {
                return null;
            }

            var cycle = First(graph[room], [.. path, room]);
            done.Add(room);
            return cycle;
        }
    }

    private readonly record struct Use(string File, string From, string To);
}
