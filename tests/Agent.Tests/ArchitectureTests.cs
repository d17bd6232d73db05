using System.Text.RegularExpressions;
using Fleet.Testing;

namespace Fleet.Agent.Tests;

/// <summary>
/// The rooms of the agent and which of them may use which. Read from the source: a using directive that is not needed is an error of the
/// build, so each one is a use.
/// </summary>
public sealed class ArchitectureTests
{
    private const string Root = "Fleet.Agent";

    /// <summary>A room, what it may use, and why no more.</summary>
    private static readonly (string Room, string[] MayUse, string Because)[] Allowed =
    [
        ("Edge", [], "what the coordinator says, as records that are well formed: everybody may hold them"),
        ("Logging", [], "how text is escaped and logged"),
        ("Native", [], "system calls"),
        ("Storage", [], "files that survive a crash"),
        ("Timing", [], "one timer"),
        ("Files", ["Logging", "Native"], "paths that were opened once"),
        ("Host", ["Native"], "paths, mounts and clocks of this host"),
        ("Accounts", ["Logging"], "users and groups by name"),
        ("Configuration", ["Native"], "agent.yaml; who reads it does not matter to it"),
        ("Systemd", ["Logging"], "datagrams"),
        ("Tools", ["Files", "Logging", "Native"], "starts processes, and knows none of them"),
        ("Ssh", ["Logging", "Tools"], "a program on another host"),
        ("Zfs", ["Host", "Logging", "Ssh", "Tools"], "a library: commands and parsers; no run, no guard"),
        ("Lvm", ["Logging", "Storage", "Tools"], "a library: commands and parsers; no run, no guard"),
        ("Retention", ["Edge", "Host", "Logging", "Storage"], "what may go, whatever it is"),
        ("Guard", ["Accounts", "Files", "Host", "Logging", "Lvm", "Ssh", "Zfs"], "decides before an action is known to run"),
        ("Actions", ["Edge", "Files", "Guard", "Host", "Logging", "Lvm", "Retention", "Ssh", "Storage", "Tools", "Zfs"], "carries out what was allowed; no run, no session"),
        ("Journal", ["Storage", "Tools"], "attempts that survive a crash"),
        ("Outbox", ["Journal", "Storage"], "what the coordinator has not acknowledged"),
        ("History", ["Configuration", "Edge", "Journal", "Logging", "Storage"], "a projection of the journal"),
        ("Runs", ["Actions", "Edge", "Guard", "Host", "Journal", "Logging", "Native", "Outbox", "Storage", "Tools"], "from an order to a result"),
        ("Metrics", ["Configuration", "Host", "Logging", "Native", "Timing", "Tools", "Zfs"], "collectors"),
        ("LocalSchedule", ["Edge", "Host", "Runs", "Storage"], "fires runs while cut off"),
        ("Connection", ["Logging", "Metrics", "Outbox", "Runs"], "the channel, and what waits to be sent"),
        ("Inventory", ["Connection", "Edge", "Host", "Lvm", "Tools", "Zfs"], "what the host has in ZFS and LVM"),
        ("Enrolment", ["Configuration", "Connection", "Host", "Logging", "Storage", "Tools"], "who this host is"),
        ("Session", ["Configuration", "Connection", "Edge", "Enrolment", "Guard", "Host", "Inventory", "LocalSchedule", "Logging", "Metrics", "Outbox", "Runs", "Storage", "Timing"], "the stream"),
        ("LocalSocket", ["Accounts", "Configuration", "Edge", "Files", "History", "Logging"], "questions and answers on the host"),
        ("AgentStatus", ["Configuration", "Edge", "History", "Journal", "LocalSchedule", "LocalSocket", "Logging", "Outbox", "Runs", "Storage"], "what it answers"),
        ("Check", ["Configuration", "Connection", "Enrolment", "Files", "Guard", "Host", "Logging", "Tools"], "fleet-agent check"),
    ];

    [Fact]
    public void Rooms_UseOnlyWhatTheTableAllows()
    {
        var allowed = Allowed.ToDictionary(static row => row.Room, static row => row.MayUse.ToHashSet());
        var wrong = Uses(1).Where(use => !allowed.TryGetValue(use.From, out var rooms) || !rooms.Contains(use.To)).Select(static use => $"{use.File}: {use.From} uses {use.To}");

        Assert.Empty(wrong);
    }

    [Fact]
    public void Table_HasEveryRoomOnceAndNoCycle()
    {
        var rooms = Directory.GetDirectories(Source).Where(static room => Directory.EnumerateFiles(room, "*.cs", SearchOption.AllDirectories).Any()).Select(Path.GetFileName).Order();

        Assert.Equal(rooms, Allowed.Select(static row => row.Room).Order());
        Assert.Null(Cycle(Allowed.SelectMany(static row => row.MayUse.Select(to => (row.Room, to)))));
    }

    [Fact]
    public void Siblings_HaveNoCycle() => Assert.Null(Cycle(Uses(2).Select(static use => (use.From, use.To))));

    [Fact]
    public void Cycle_WhereThereIsOne_IsNamed() =>
        Assert.Equal("A -> B -> C -> A", Cycle([("A", "B"), ("B", "C"), ("C", "A"), ("D", "A")]));

    private static string Source => Path.Join(Repository.Root, "src", "Agent");

    /// <param name="depth">1: between rooms. 2: between the folders of one room.</param>
    private static IEnumerable<(string File, string From, string To)> Uses(int depth)
    {
        foreach (var file in Directory.EnumerateFiles(Source, "*.cs", SearchOption.AllDirectories))
        {
            var folders = Path.GetRelativePath(Source, file).Split('/')[..^1];
            if (folders.Length < depth || folders[0] is "bin" or "obj")
            {
                continue;
            }

            var parent = string.Concat(folders[..(depth - 1)].Select(static folder => $"{Regex.Escape(folder)}\\."));
            foreach (Match use in Regex.Matches(File.ReadAllText(file), $@"\b{Regex.Escape(Root)}\.{parent}([A-Z]\w+)"))
            {
                var to = use.Groups[1].Value;
                if (to != folders[depth - 1] && Directory.Exists(Path.Join([Source, .. folders[..(depth - 1)], to])))
                {
                    yield return (Path.GetRelativePath(Source, file), folders[depth - 1], to);
                }
            }
        }
    }

    /// <summary>"A -> B -> A". Null if there is none.</summary>
    private static string? Cycle(IEnumerable<(string From, string To)> uses)
    {
        var graph = uses.Distinct().ToLookup(static use => use.From, static use => use.To);
        HashSet<string> done = [];
        return graph.Select(static room => room.Key).Order().Select(room => From(room, [])).FirstOrDefault(static cycle => cycle is not null);

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

            var cycle = graph[room].Order().Select(next => From(next, [.. path, room])).FirstOrDefault(static found => found is not null);
            done.Add(room);
            return cycle;
        }
    }
}
