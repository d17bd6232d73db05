using Fleet.Coordinator.Alerts;
using Fleet.Coordinator.State.Hosts;
using Fleet.Coordinator.State.Runs;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.Hosts;

/// <summary>Finds what about hosts needs a person.</summary>
internal sealed class HostAttention(FleetStore store, TimeProvider clock) : IAttentionSource
{
    /// <summary>
    /// Agents renew certificates at two thirds of 90 days: with less than this left, renewal has been failing for a while.
    /// </summary>
    private static readonly TimeSpan CertificateWarning = TimeSpan.FromDays(20);
    private static readonly TimeSpan CertificateCritical = TimeSpan.FromDays(5);

    /// <summary>A machine that is refused comes back at least every 5 min: one that has missed three times is gone.</summary>
    private static readonly TimeSpan DuplicateShown = TimeSpan.FromMinutes(16);

    public async ValueTask<IReadOnlyList<Attention>> CollectAsync(CancellationToken cancellationToken)
    {
        var now = clock.GetUtcNow();
        var (hosts, active) = await store.ReadAsync(
            static reader => (HostStore.All(reader), RunStore.Active(reader)), cancellationToken);
        var runs = active.ToLookup(run => run.HostId);
        return [.. hosts.SelectMany(host => Of(host, runs[host.HostId].ToList(), now))];
    }

    private static IEnumerable<Attention> Of(HostRow host, List<RunRow> active, DateTimeOffset now)
    {
        if (host is { State: HostState.Offline, DisconnectedAt: { } gone } && now - gone >= HostMonitor.OfflineAfter)
        {
            var runs = active.Count == 0 ? "" : $"; {active.Count} of its runs have not reported since: "
                + $"{string.Join(", ", active.Take(3).Select(run => run.Title))}";
            yield return New(
                host,
                AttentionSeverity.Critical,
                "host_offline",
                host.LastSeenAt ?? gone,
                $"{host.Name} is offline{runs}",
                $"check that {host.Name} is up and reaches the coordinator; on it: systemctl status fleet-agent, fleet-agent check");
        }

        if (host.ClockOffset.Duration() > SessionStore.TolerableSkew && host.State == HostState.Online)
        {
            yield return New(
                host,
                AttentionSeverity.Warning,
                "clock_skew",
                host.ConnectedAt ?? now,
                $"the clock of {host.Name} is {SessionStore.Describe(host.ClockOffset)}",
                "set the clock right on that host (timedatectl set-ntp true), or here if all hosts are said to be wrong");
        }

        if (host.DuplicateAt is { } duplicate && now - duplicate < DuplicateShown)
        {
            yield return New(
                host,
                AttentionSeverity.Critical,
                "duplicate_identity",
                duplicate,
                $"two machines use the identity of {host.Name}: {host.DuplicateDetail}, last at {duplicate.UtcDateTime:HH:mm}Z",
                "find the copy, delete /var/lib/fleet-agent on it, and enrol it with its own token; then fleet host clear-duplicate "
                + $"{host.Name}, or wait: this ends by itself 16 min after the copy came last");
        }

        if (host.OutboxGapAt is { } gap && now - gap < OutboxGaps.Shown)
        {
            yield return New(
                host,
                AttentionSeverity.Warning,
                "outbox_gap",
                gap,
                $"results of {host.Name} may be missing: {host.OutboxGapDetail}",
                $"fleet runs --host {host.Name} shows what is known; runs that the coordinator knew of are asked for again by themselves");
        }

        if (host.StateError.Length > 0)
        {
            yield return New(
                host,
                AttentionSeverity.Critical,
                "agent_state_error",
                host.LastSeenAt ?? now,
                $"{host.Name} cannot write its state and starts no run: {host.StateError}",
                $"free space or repair the file system under /var/lib/fleet-agent on {host.Name}");
        }

        if (host.CertificateExpiresAt is { } expires && expires - now < CertificateWarning)
        {
            yield return New(
                host,
                expires - now < CertificateCritical ? AttentionSeverity.Critical : AttentionSeverity.Warning,
                "certificate_expiring",
                expires - CertificateWarning,
                $"the certificate of {host.Name} {(expires <= now ? "has expired" : "expires")} on {expires.UtcDateTime:yyyy-MM-dd}",
                $"on {host.Name}: journalctl -u fleet-agent says why it does not renew; restarting fleet-agent tries again at once");
        }
    }

    private static Attention New(
        HostRow host, AttentionSeverity severity, string code, DateTimeOffset since, string message, string whatToDo) => new()
        {
            Severity = severity,
            Code = code,
            HostId = host.HostId,
            HostName = host.Name,
            Message = message,
            WhatToDo = whatToDo,
            Since = Timestamp.FromDateTimeOffset(since),
        };
}
