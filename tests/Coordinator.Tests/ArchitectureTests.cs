using System.Text.RegularExpressions;
using Fleet.Testing;

namespace Fleet.Coordinator.Tests;

/// <summary>The rooms of the coordinator, which of them may use which, and where SQL stands.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly RoomGraph Coordinator = RoomGraph.OfProject("Coordinator");

    private static readonly Room[] Allowed =
    [
        new("Meters", [], "counters that anybody may raise"),
        new("Calls", [], "what stands around every call; not why"),
        new("Errors", ["Calls"], "what callers are told when a call fails"),
        new("Alerts", [], "who says that a person is needed; not what about"),
        new("Actions", [], "one file for each action: what it requires, what its events say"),
        new("Edge", ["Errors"], "what hosts and operators send is checked once, before anything else sees it"),
        new("Health", ["Errors"], "answers from what others say of themselves"),
        new("Reflection", ["Errors"], "the protocol describes itself"),
        new("Storage", ["Meters"], "transactions on a file, whatever its tables"),
        new("Configuration", ["Storage"], "coordinator.yaml; who reads it does not matter to it"),
        new(
            "State",
            ["Actions", "Edge", "Errors", "Meters", "Storage"],
            "rows, stores and pure rules, and all SQL; no call, no grain, no loop"),
        new("Telemetry", ["Configuration", "Meters", "State"], "what leaves as OTLP"),
        new("Clock", ["Alerts", "State", "Storage"], "whether the time is good enough to forget and to expire by"),
        new("Grains", ["Clock", "Configuration", "State", "Storage"], "contracts and grains; they know no caller"),
        new("Limits", ["Alerts", "Meters", "State", "Storage"], "what one host, or one stranger, may have"),
        new("Events", ["Clock", "Configuration", "Errors", "Grains", "State", "Storage"], "the feed"),
        new("Audit", ["Clock", "Edge", "Errors", "Limits", "State", "Storage"], "who did what"),
        new("Hosts", ["Alerts", "Edge", "Errors", "Grains", "State", "Storage"], "questions about hosts, and who is away"),
        new(
            "Metrics",
            ["Alerts", "Calls", "Clock", "Configuration", "Edge", "Errors", "Grains", "Health", "Meters", "State", "Storage"],
            "samples of hosts"),
        new("Policies", ["Actions", "Alerts", "Errors", "Grains", "State", "Storage"], "what operators apply"),
        new(
            "Identity",
            ["Audit", "Calls", "Clock", "Configuration", "Edge", "Errors", "Hosts", "Limits", "Meters", "State", "Storage"],
            "who calls, and what they may"),
        new("Connections", ["Configuration", "Errors", "Identity", "Limits", "Meters"], "bounds before a call is read"),
        new("Snapshots", ["Clock", "Errors", "Limits", "State", "Storage"], "the catalogue"),
        new(
            "Runs",
            ["Alerts", "Clock", "Configuration", "Errors", "Grains", "Limits", "Meters", "Policies", "State", "Storage"],
            "runs that operators start, watch and list"),
        new(
            "Sessions",
            ["Connections", "Edge", "Errors", "Grains", "Identity", "Limits", "Metrics", "Runs", "Snapshots", "State", "Storage"],
            "the stream of an agent, from its hello to its end"),
        new(
            "Fleet",
            ["Alerts", "Errors", "Hosts", "Identity", "Metrics", "Policies", "Runs", "Sessions", "Snapshots", "State", "Storage"],
            "what operators call; thin"),
        new(
            "Hosting",
            ["Alerts", "Clock", "Configuration", "Connections", "Edge", "Events", "Fleet", "Health", "Hosts", "Identity", "Limits",
                "Metrics", "Policies", "Reflection", "Runs", "Sessions", "Snapshots", "State", "Storage", "Telemetry"],
            "puts it together"),
    ];

    [Fact]
    public void Rooms_UseOnlyWhatTheTableAllows() => Assert.Empty(Coordinator.NotAllowed(Allowed));

    [Fact]
    public void Table_HasEveryRoomOnce() =>
        Assert.Equal(Coordinator.Rooms, Allowed.Select(static room => room.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void Table_HasNoCycle() => Assert.Null(RoomGraph.Cycle(Allowed));

    [Fact]
    public void Siblings_HaveNoCycle() => Assert.Null(Coordinator.Cycle());

    [Fact]
    public void Sql_StandsInStateAndStorageOnly() => Assert.Empty(
        Sources().Where(static file => !file.Path.StartsWith("State/", StringComparison.Ordinal))
            .Where(static file => !file.Path.StartsWith("Storage/", StringComparison.Ordinal))
            .Where(static file => Statement().IsMatch(file.Code))
            .Select(static file => file.Path));

    /// <summary>Who changes a table must know all of its rules: they stand in one room. Queries may join the tables of others.</summary>
    [Fact]
    public void Table_IsWrittenByOneRoom()
    {
        var writers = Sources().Where(static file => !file.Path.StartsWith("Storage/Migrations/", StringComparison.Ordinal))
            .SelectMany(static file => Write().Matches(file.Code)
                .Select(match => (Table: match.Groups[1].Value, Room: Path.GetDirectoryName(file.Path))))
            .Distinct()
            .ToLookup(static write => write.Table, static write => write.Room);

        string[] known = ["hosts", "policies", "policy_hosts", "runs", "events", "reminders"];
        Assert.Empty(known.Except(writers.Select(static table => table.Key)));
        Assert.All(writers, static table => Assert.Single(table));
    }

    /// <summary>A number of an enum in SQL has a name beside it, in the classes that hold such numbers.</summary>
    [Fact]
    public void Sql_HasNoBareEnumNumbers() => Assert.Empty(
        Sources().Where(static file => !file.Path.StartsWith("Storage/Migrations/", StringComparison.Ordinal)
                && file.Path is not "State/Runs/RunSql.cs" and not "State/Snapshots/ListedSnapshots.cs")
            .Where(static file => EnumNumber().IsMatch(file.Code))
            .Select(static file => file.Path));

    /// <summary>A newcomer goes where docs/architecture.md says.</summary>
    [Fact]
    public void Paths_OfTheArchitecturePage_Exist()
    {
        var page = File.ReadAllText(Path.Join(Repository.Root, "docs", "architecture.md"));
        var paths = PathInDocs().Matches(page).Select(static match => match.Groups[1].Value).ToList();

        Assert.True(paths.Count > 50);
        Assert.All(paths, static path => Assert.True(Path.Exists(Path.Join(Repository.Root, path)), path));
    }

    private static IEnumerable<(string Path, string Code)> Sources()
    {
        var root = Path.Join(Repository.Root, "src", "Coordinator");
        return Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Select(file => (Path: Path.GetRelativePath(root, file), Code: File.ReadAllText(file)))
            .Where(static file => file.Path.Split('/')[0] is not ("obj" or "bin"));
    }

    [GeneratedRegex(
        @"\bSELECT\s[^;]*?\sFROM\s+\w|\bINSERT\s+(OR\s+\w+\s+)?INTO\s+\w|\bUPDATE\s+\w+(\s+INDEXED\s+BY\s+\w+)?\s+SET\s|"
        + @"\bDELETE\s+FROM\s+\w")]
    private static partial Regex Statement();

    [GeneratedRegex(@"\b(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|UPDATE|DELETE\s+FROM)\s+([a-z_]+)\b(?=\s*(?:\(|SET|INDEXED|WHERE|VALUES|""))")]
    private static partial Regex Write();

    [GeneratedRegex("`((?:src|tests|proto|docs|bench|packaging)/[^`<*#]+)`")]
    private static partial Regex PathInDocs();

    [GeneratedRegex(@"\b(state|trigger|severity|kind|outcome)\s*(=|<>|<=|>=|<|>|IN)\s*\(?[0-9]")]
    private static partial Regex EnumNumber();
}
