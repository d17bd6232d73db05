using System.Globalization;
using System.Text.RegularExpressions;
using Fleet.Coordinator.State.Events;
using Fleet.Coordinator.State.Hosts;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;
using Fleet.Schedules;

namespace Fleet.Coordinator.State.Runs;

/// <summary>
/// Decides whether a run that a host reports is its own. These are the runs that the coordinator has for the host, and those whose id is
/// derived from a policy, this host and an instant that has come. Anything else is reported but not stored, or one host could stop
/// another's policies by claiming their next runs.
/// </summary>
internal static partial class RunClaims
{
    /// <summary>How far a host's instants may lie ahead: its clock may be wrong, and runs that it fires by it are still its own.</summary>
    private static readonly TimeSpan Ahead = TimeSpan.FromDays(1);

    /// <summary>Claims with shorter pauses than this belong to one episode.</summary>
    private static readonly TimeSpan EpisodeEnds = TimeSpan.FromHours(1);

    /// <param name="run">The run, if the coordinator has it.</param>
    /// <returns>Why the claim is refused; null if the run is the host's.</returns>
    public static string? Problem(
        StoreTransaction transaction, HostRow host, RunRow? run, string runId, string policy, DateTimeOffset? scheduledAt)
    {
        if (run is not null)
        {
            return run.HostId == host.HostId ? null : $"it is a run of {(run.HostName.Length > 0 ? run.HostName : "another host")}";
        }

        if (!RunIdPattern().IsMatch(runId) || !WireNames.IsPolicy(policy))
        {
            return "it has no valid id or policy";
        }

        if (scheduledAt is not { } instant || ScheduledRunId.Derive(policy, host.HostId, instant) != runId)
        {
            return "the coordinator does not know it, and its id is not the one of this host at that instant";
        }

        return instant - transaction.Now > Ahead + host.ClockOffset.Duration() ? "its instant lies in the future" : null;
    }

    /// <summary>Reports the first claim of an episode, then each tenfold number.</summary>
    /// <param name="what">"started", "finished" or "notice".</param>
    public static void Refuse(
        StoreTransaction transaction, HostRow host, string what, string runId, string policy, DateTimeOffset? scheduledAt, string reason)
    {
        var now = transaction.Now.ToColumn();
        transaction.Execute(
            """
            INSERT INTO refused_claims (host_id, since, newest_at, claims) VALUES ($host, $now, $now, 1)
            ON CONFLICT (host_id) DO UPDATE SET
                since = CASE WHEN refused_claims.newest_at < $quiet THEN $now ELSE refused_claims.since END,
                claims = CASE WHEN refused_claims.newest_at < $quiet THEN 1 ELSE refused_claims.claims + 1 END,
                newest_at = $now
            """,
            ("$host", host.HostId),
            ("$now", now),
            ("$quiet", now - (long)EpisodeEnds.TotalMilliseconds));
        var claims = transaction.Number("SELECT claims FROM refused_claims WHERE host_id = $host", ("$host", host.HostId));
        if (!IsPowerOfTen(claims))
        {
            return;
        }

        EventAppender.Append(transaction, new NewEvent(
            EventTypes.HostClaimRefused,
            EventSeverity.Error,
            $"{host.Name} reported {(claims == 1 ? "a run that is" : $"{claims} runs that are")} not its own, which is not stored: "
            + $"{reason}. "
                + "After an enrolment with --force or a restored backup that may be left over; otherwise look at that host")
        {
            HostId = host.HostId,
            HostName = host.Name,
            Attributes = new Dictionary<string, string>
            {
                ["claims"] = claims.ToString(CultureInfo.InvariantCulture),
                ["what"] = what,
                ["run_id"] = Shown(runId),
                ["policy"] = Shown(policy),
                ["scheduled_at"] = scheduledAt?.UtcDateTime.ToString("O", CultureInfo.InvariantCulture) ?? "",
                ["reason"] = reason,
            },
        });
    }

    private static bool IsPowerOfTen(long count)
    {
        while (count >= 10 && count % 10 == 0)
        {
            count /= 10;
        }

        return count == 1;
    }

    private static string Shown(string text) => WireText.Printable(text, 100);

    [GeneratedRegex("^[0-9a-f]{32}\\z")]
    private static partial Regex RunIdPattern();
}
