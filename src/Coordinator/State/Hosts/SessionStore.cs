using System.Globalization;
using System.Text.Json;
using Fleet.Coordinator.State.Events;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Google.Protobuf;

namespace Fleet.Coordinator.State.Hosts;

/// <summary>Stores beginnings and ends of sessions, with their events.</summary>
internal static class SessionStore
{
    /// <summary>Clocks that differ by more than this are reported.</summary>
    public static readonly TimeSpan TolerableSkew = TimeSpan.FromSeconds(60);

    /// <summary>Records that a session begins.</summary>
    /// <returns>
    /// The host's labels if they have changed, which may change the policies that apply to it. Null if they are the same.
    /// </returns>
    public static IReadOnlyDictionary<string, string>? Open(
        StoreTransaction transaction, HostRow host, Hello hello, string sessionId, string address, TimeSpan clockOffset)
    {
        var now = transaction.Now;
        var position = OutboxPosition.Of(host, hello, IsAnotherPast(host, hello));
        var labels = new Dictionary<string, string>(host.EnrolLabels);
        foreach (var (key, value) in hello.Labels)
        {
            labels[key] = value;
        }

        transaction.Execute(
            """
            UPDATE hosts SET labels = $labels, hello_proto = $hello, facts_proto = coalesce($facts, facts_proto), address = $address,
                boot_id = $boot, session_id = $session, connected = 1, connected_at = $now, last_seen_at = $now,
                offline_announced = 0, clock_offset_ms = $offset, state_error = '',
                outbox_id = $outbox, outbox_sequence = $sequence
            WHERE host_id = $id
            """,
            ("$labels", JsonSerializer.Serialize(labels)),
            ("$hello", hello.ToByteArray()),
            ("$facts", hello.Facts?.ToByteArray()),
            ("$address", address),
            ("$boot", hello.BootId),
            ("$session", sessionId),
            ("$now", now.ToColumn()),
            ("$offset", (long)clockOffset.TotalMilliseconds),
            ("$outbox", position.OutboxId),
            ("$sequence", position.Sequence),
            ("$id", host.HostId));

        Tell(transaction, host, EventTypes.HostConnected, EventSeverity.Info, $"{host.Name} connected", new()
        {
            ["address"] = address,
            ["agent_version"] = hello.AgentVersion,
            ["session_id"] = sessionId,
        });
        if (host.BootId.Length > 0 && hello.BootId != host.BootId)
        {
            Tell(transaction, host, EventTypes.HostRebooted, EventSeverity.Info, $"{host.Name} was rebooted", new()
            {
                ["boot_id"] = hello.BootId,
                ["previous_boot_id"] = host.BootId,
            });
        }

        if (IsAnotherPast(host, hello))
        {
            Tell(
                transaction,
                host,
                EventTypes.HostCloneSuspected,
                EventSeverity.Warning,
                $"{host.Name} does not remember its last session: it was cloned, or put back to an older state",
                new()
                {
                    ["address"] = address,
                    ["previous_address"] = host.Address,
                    ["machine_id_hash"] = hello.Facts?.MachineIdHash ?? "",
                    ["previous_machine_id_hash"] = host.Facts?.MachineIdHash ?? "",
                });
        }

        if (position.Gap is { } gap)
        {
            OutboxGaps.Tell(transaction, host, gap);
        }

        TellClock(transaction, host, clockOffset);
        return SameLabels(labels, host.Labels) ? null : labels;
    }

    /// <summary>Records that a clock was set, there or here, during the session.</summary>
    public static void ClockMoved(StoreTransaction transaction, string hostId, TimeSpan clockOffset)
    {
        if (HostStore.FindById(transaction, hostId) is { } host)
        {
            transaction.Execute(
                "UPDATE hosts SET clock_offset_ms = $offset WHERE host_id = $id",
                ("$offset", (long)clockOffset.TotalMilliseconds),
                ("$id", hostId));
            TellClock(transaction, host, clockOffset);
        }
    }

    /// <summary>Records that a session has ended; does nothing if a newer one has replaced it.</summary>
    public static void Close(StoreTransaction transaction, string hostId, string sessionId, string reason)
    {
        if (HostStore.FindById(transaction, hostId) is not { Connected: true } host || host.SessionId != sessionId)
        {
            return;
        }

        transaction.Execute(
            "UPDATE hosts SET connected = 0, disconnected_at = $now WHERE host_id = $id",
            ("$now", transaction.Now.ToColumn()),
            ("$id", hostId));
        if (host.RemovedAt is null)
        {
            Tell(transaction, host, EventTypes.HostDisconnected, EventSeverity.Info, $"{host.Name} disconnected: {reason}", new()
            {
                ["reason"] = reason,
                ["session_id"] = sessionId,
            });
        }
    }

    /// <summary>Records that the agent has certainly learned of its session.</summary>
    public static void Confirm(StoreTransaction transaction, string hostId, string sessionId) =>
        transaction.Execute(
            "UPDATE hosts SET confirmed_session_id = $session WHERE host_id = $id", ("$session", sessionId), ("$id", hostId));

    /// <summary>Records that a message of any kind came from a host.</summary>
    public static void Seen(StoreTransaction transaction, string hostId, DateTimeOffset at) =>
        transaction.Execute("UPDATE hosts SET last_seen_at = $at WHERE host_id = $id", ("$at", at.ToColumn()), ("$id", hostId));

    /// <summary>
    /// Closes all sessions: none outlives the process. When the hosts left is not known, so they get the usual time to come back.
    /// </summary>
    public static void EndAll(StoreTransaction transaction) =>
        transaction.Execute(
            "UPDATE hosts SET connected = 0, disconnected_at = $now WHERE connected = 1", ("$now", transaction.Now.ToColumn()));

    /// <summary>Ids of hosts that have been away since an instant or longer, and whose absence was not reported yet.</summary>
    public static List<string> GoneSince(StoreReader reader, DateTimeOffset limit) =>
        reader.Query(
            "SELECT host_id FROM hosts WHERE connected = 0 AND offline_announced = 0 AND removed_at IS NULL AND disconnected_at <= $limit",
            static row => row.GetString(0),
            ("$limit", limit.ToColumn()));

    /// <summary>Records that a host's absence is reported.</summary>
    /// <returns>False if the host is back, or its absence was already reported.</returns>
    public static bool AnnounceOffline(StoreTransaction transaction, string hostId) =>
        transaction.Execute(
            "UPDATE hosts SET offline_announced = 1 WHERE host_id = $id AND connected = 0 AND offline_announced = 0", ("$id", hostId)) > 0;

    /// <summary>"5 s ahead" or "3 h behind", for people.</summary>
    public static string Describe(TimeSpan offset)
    {
        var size = offset.Duration();
        var text =
            size.TotalHours >= 1 ? $"{size.TotalHours:0.#} h"
            : size.TotalMinutes >= 1 ? $"{size.TotalMinutes:0.#} min"
            : $"{size.TotalSeconds:0.#} s";
        return $"{text} {(offset > TimeSpan.Zero ? "ahead of" : "behind")} the coordinator's";
    }

    /// <summary>
    /// An agent keeps the id of its session. Two ids are valid: the newest one, and the newest one that it has certainly learned of, since
    /// a Welcome may get lost on its way.
    /// </summary>
    private static bool IsAnotherPast(HostRow host, Hello hello) =>
        host.SessionId.Length > 0
        && hello.PreviousSessionId != host.SessionId
        && hello.PreviousSessionId != host.ConfirmedSessionId;

    private static bool SameLabels(Dictionary<string, string> one, IReadOnlyDictionary<string, string> other) =>
        one.Count == other.Count && one.All(label => other.TryGetValue(label.Key, out var value) && value == label.Value);

    private static void TellClock(StoreTransaction transaction, HostRow host, TimeSpan offset)
    {
        if (offset.Duration() > TolerableSkew && host.ClockOffset.Duration() <= TolerableSkew)
        {
            Tell(
                transaction,
                host,
                EventTypes.HostClockSkew,
                EventSeverity.Warning,
                $"the clock of {host.Name} is {Describe(offset)}",
                new() { ["offset_seconds"] = offset.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture) });
        }
    }

    private static void Tell(
        StoreTransaction transaction,
        HostRow host,
        string type,
        EventSeverity severity,
        string message,
        Dictionary<string, string> attributes
    ) =>
        EventAppender.Append(
            transaction,
            new NewEvent(type, severity, message)
            {
                HostId = host.HostId,
                HostName = host.Name,
                Attributes = attributes,
            });
}
