using Fleet.Testing;

namespace Fleet.Cli.Tests;

/// <summary>The rooms of the CLI and which of them may use which.</summary>
public sealed class ArchitectureTests
{
    private static readonly RoomGraph Cli = RoomGraph.OfProject("Cli");

    private static readonly Room[] Allowed =
    [
        new("Outcomes", [], "how a command ends: exit codes, and failures that say what to do"),
        new("ProcessEnvironment", [], "what lies outside of the process, so that tests can stand in for it"),
        new("Options", [], "options and the values they take; they know no command"),
        new(
            "Output",
            ["Outcomes", "ProcessEnvironment"],
            "what goes to the terminal, made safe; where it comes from does not matter to it"),
        new(
            "Connection",
            ["Outcomes", "Output", "ProcessEnvironment"],
            "the way to the coordinator; it says in words for people why there is none"),
        new(
            "Naming",
            ["Connection", "Options", "Outcomes", "Output", "ProcessEnvironment"],
            "names that the coordinator knows: completed, and corrected; which command asks does not matter to it"),
        new(
            "Commands",
            ["Connection", "Naming", "Options", "Outcomes", "Output", "ProcessEnvironment"],
            "what every command is made of; it knows none of them"),
        new("Actions", ["Commands", "Output"], "how each action is written and shown; policies and runs use it"),
        new(
            "Admin",
            ["Commands", "Connection", "Options", "Outcomes", "Output"],
            "the coordinator itself: tokens, operators, audit, clock"),
        new("Status", ["Commands", "Outcomes", "Output"], "what needs attention, as the coordinator lists it"),
        new(
            "Runs",
            ["Actions", "Commands", "Connection", "Options", "Outcomes", "Output"],
            "runs and following them, whoever started them"),
        new(
            "Events",
            ["Commands", "Connection", "Options", "Outcomes", "Output", "Runs"],
            "the event log; a run is named as in its lists"),
        new(
            "Policies",
            ["Actions", "Commands", "Connection", "Naming", "Outcomes", "Output", "Runs"],
            "policies and their files; they start no run"),
        new(
            "Hosts",
            ["Commands", "Connection", "Options", "Outcomes", "Output", "Policies", "Runs"],
            "a host is shown with its policies and runs"),
        new(
            "Metrics",
            ["Commands", "Hosts", "Options", "Outcomes", "Output", "ProcessEnvironment"],
            "what hosts measure; listed as hosts are"),
        new(
            "Snapshots",
            ["Commands", "Connection", "Options", "Outcomes", "Output", "Runs"],
            "the catalogue; making and protecting are runs"),
        new("Retention", ["Actions", "Commands", "Options", "Outcomes", "Output", "Runs"], "a retention is explained by a dry run"),
        new(
            "Restore",
            ["Commands", "Outcomes", "Output", "Runs", "Snapshots"],
            "a snapshot is found in the catalogue and restored by a run"),
        new("Completion", ["Commands", "Options", "Outcomes"], "scripts for shells, and the directive that they call"),
        new(
            "CommandLine",
            [
                "Admin", "Commands", "Completion", "Events", "Hosts", "Metrics", "Naming", "Options", "Outcomes", "Output", "Policies",
                "ProcessEnvironment", "Restore", "Retention", "Runs", "Snapshots", "Status",
            ],
            "the list of all commands, and how what was typed becomes one: nothing may use it but Program"),
    ];

    [Fact]
    public void Rooms_UseOnlyWhatTheTableAllows() => Assert.Empty(Cli.NotAllowed(Allowed));

    [Fact]
    public void Table_HasEveryRoomOnce() =>
        Assert.Equal(Cli.Rooms, Allowed.Select(static room => room.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void Table_HasNoCycle() => Assert.Null(RoomGraph.Cycle(Allowed));

    [Fact]
    public void Siblings_HaveNoCycle() => Assert.Null(Cli.Cycle());
}
