using System.Security.Cryptography;
using System.Text;

namespace Fleet.Schedules;

/// <summary>
/// The id of a scheduled run. Whoever fires it (the coordinator, a standby that took over, the agent while it is cut off)
/// gives it the same id, so that it runs once and has one result.
/// </summary>
public static class ScheduledRunId
{
    /// <summary>
    /// 32 lower-case hex digits: the first half of SHA-256 over policy, host and the instant in milliseconds since the epoch.
    /// </summary>
    public static string Derive(string policy, string hostId, DateTimeOffset scheduledAt)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"run\0{policy}\0{hostId}\0{scheduledAt.ToUnixTimeMilliseconds()}"));
        return Convert.ToHexStringLower(hash.AsSpan(0, 16));
    }
}
