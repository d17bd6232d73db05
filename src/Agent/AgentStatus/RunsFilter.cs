using System.Globalization;
using Fleet.Agent.History;
using Fleet.Agent.LocalSocket;
using Fleet.Yaml;

namespace Fleet.Agent.AgentStatus;

/// <summary>What `fleet-agent runs` is asked for on its command line.</summary>
internal static class RunsFilter
{
    /// <returns>Null if it cannot be used, for that reason.</returns>
    public static LocalQuestion? Read(CommandLine line, TimeProvider time, out string problem)
    {
        problem = "";
        var limit = HistoryFilter.DefaultLimit;
        if (line.Value("--limit") is { } text && !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit))
        {
            limit = 0;
        }

        if (!TryInstant(line.Value("--since"), time, out var since) || !TryInstant(line.Value("--until"), time, out var until))
        {
            problem = "--since and --until take a time (2026-11-30, 2026-11-30T08:00), or an age (36h, 7d)";
            return null;
        }

        var filter = new HistoryFilter(
            line.Value("--policy") ?? "", line.Value("--state") ?? "", line.Value("--action") ?? "", since, until, limit);
        problem = filter.Problem;
        return problem.Length > 0 ? null : LocalQuestion.OfRuns(filter);
    }

    private static bool TryInstant(string? text, TimeProvider time, out DateTimeOffset? instant)
    {
        instant = null;
        if (text is null)
        {
            return true;
        }

        if (DurationText.TryParse(text, out var ago))
        {
            var now = time.GetUtcNow();
            instant = ago < now - DateTimeOffset.UnixEpoch ? now - ago : DateTimeOffset.UnixEpoch;
            return true;
        }

        if (!DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal, out var at))
        {
            return false;
        }

        if (at < DateTime.UnixEpoch)
        {
            instant = DateTimeOffset.UnixEpoch;
            return true;
        }

        // Without a zone, it is this host's.
        instant = at.Kind == DateTimeKind.Utc
            ? new DateTimeOffset(at, TimeSpan.Zero)
            : new DateTimeOffset(at, time.LocalTimeZone.GetUtcOffset(at));
        return true;
    }
}
