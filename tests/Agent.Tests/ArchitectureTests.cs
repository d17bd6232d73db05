using Fleet.Testing;

namespace Fleet.Agent.Tests;

/// <summary>The rooms of the agent and which of them may use which.</summary>
public sealed class ArchitectureTests
{
    private static readonly RoomGraph Agent = RoomGraph.OfProject("Agent");

    private static readonly Room[] Allowed =
    [
        new("Edge", [], "what the coordinator says, as records that are well formed: everybody may hold them"),
        new("Logging", [], "how text is escaped and logged"),
        new("Native", [], "system calls"),
        new("Storage", [], "files that survive a crash"),
        new("Timing", [], "one timer"),
        new("Files", ["Logging", "Native"], "paths that were opened once"),
        new("Host", ["Logging", "Native"], "paths, mounts and clocks of this host"),
        new("Accounts", ["Logging"], "users and groups by name"),
        new("Configuration", ["Native"], "agent.yaml; who reads it does not matter to it"),
        new("Systemd", ["Logging"], "datagrams"),
        new("Tools", ["Files", "Logging", "Native"], "starts processes, and knows none of them"),
        new("Ssh", ["Logging", "Tools"], "a program on another host"),
        new("Zfs", ["Host", "Logging", "Ssh", "Tools"], "a library: commands and parsers; no run, no guard"),
        new("Lvm", ["Logging", "Storage", "Tools"], "a library: commands and parsers; no run, no guard"),
        new("Retention", ["Edge", "Host", "Logging", "Storage"], "what may go, whatever it is"),
        new("Guard", ["Accounts", "Files", "Host", "Logging", "Lvm", "Ssh", "Zfs"], "decides before an action is known to run"),
        new(
            "Actions",
            ["Edge", "Files", "Guard", "Host", "Logging", "Lvm", "Retention", "Ssh", "Storage", "Tools", "Zfs"],
            "carries out what was allowed; no run, no session"),
        new("Journal", ["Storage", "Tools"], "attempts that survive a crash"),
        new("Outbox", ["Journal", "Storage"], "what the coordinator has not acknowledged"),
        new("History", ["Configuration", "Edge", "Journal", "Logging", "Storage"], "a projection of the journal"),
        new(
            "Runs",
            ["Actions", "Edge", "Guard", "Host", "Journal", "Logging", "Native", "Outbox", "Storage", "Tools"],
            "from an order to a result"),
        new("Metrics", ["Configuration", "Host", "Logging", "Native", "Timing", "Tools", "Zfs"], "collectors"),
        new("LocalSchedule", ["Edge", "Host", "Runs", "Storage"], "fires runs while cut off"),
        new("Connection", ["Logging", "Metrics", "Outbox", "Runs"], "the channel, and what waits to be sent"),
        new("Inventory", ["Connection", "Edge", "Host", "Lvm", "Tools", "Zfs"], "what the host has in ZFS and LVM"),
        new("Enrolment", ["Configuration", "Connection", "Host", "Logging", "Storage", "Tools"], "who this host is"),
        new(
            "Session",
            ["Configuration", "Connection", "Edge", "Enrolment", "Guard", "Host", "Inventory", "LocalSchedule", "Logging",
                "Metrics", "Outbox", "Runs", "Storage", "Timing"],
            "the stream"),
        new("LocalSocket", ["Accounts", "Configuration", "Edge", "Files", "History", "Logging"], "questions and answers on the host"),
        new(
            "AgentStatus",
            ["Configuration", "Edge", "History", "Journal", "LocalSchedule", "LocalSocket", "Logging", "Outbox", "Runs",
                "Storage"],
            "what it answers"),
        new("Check", ["Configuration", "Connection", "Enrolment", "Files", "Guard", "Host", "Logging", "Tools"], "fleet-agent check"),
    ];

    [Fact]
    public void Rooms_UseOnlyWhatTheTableAllows() => Assert.Empty(Agent.NotAllowed(Allowed));

    [Fact]
    public void Table_HasEveryRoomOnce() =>
        Assert.Equal(Agent.Rooms, Allowed.Select(static room => room.Name).Order(StringComparer.Ordinal));

    [Fact]
    public void Table_HasNoCycle() => Assert.Null(RoomGraph.Cycle(Allowed));

    [Fact]
    public void Siblings_HaveNoCycle() => Assert.Null(Agent.Cycle());
}
