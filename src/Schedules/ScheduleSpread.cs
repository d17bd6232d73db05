using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Fleet.Schedules;

/// <summary>
/// The stable shift that keeps a thousand hosts from starting at the same instant. Derived and not drawn: a value drawn anew
/// at each start starves hosts that reboot often (systemd issue 21166).
/// </summary>
public static class ScheduleSpread
{
    /// <summary>The bound when a policy names none: the interval or this, whichever is less.</summary>
    public static readonly TimeSpan DefaultBound = TimeSpan.FromMinutes(5);

    /// <summary>A whole number of milliseconds in [0, <paramref name="bound"/>), always the same for the same policy and host.</summary>
    public static TimeSpan Offset(string policy, string hostId, TimeSpan bound)
    {
        var boundMilliseconds = (long)bound.TotalMilliseconds;
        if (boundMilliseconds <= 0)
        {
            return TimeSpan.Zero;
        }

        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"spread\0{policy}\0{hostId}"));
        return TimeSpan.FromMilliseconds(BinaryPrimitives.ReadUInt64BigEndian(hash) % (ulong)boundMilliseconds);
    }
}
