using System.Net;

namespace Fleet.Coordinator.Limits;

/// <summary>
/// Bounds how much of what strangers cause is recorded, so that an attacker cannot fill the disk: per address and in total, per minute.
/// What is left out is counted, and the count is reported with the next entry.
/// </summary>
internal sealed class StrangerBudget(int perAddressAndMinute, int perMinute, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _perAddress = new(StringComparer.Ordinal);
    private long _minute;
    private int _written;
    private long _leftOut;

    /// <summary>Whether to record one.</summary>
    /// <param name="leftOut">How many were left out since the last recorded one.</param>
    public bool TryTake(string address, out long leftOut)
    {
        var key = IPAddress.TryParse(address, out var parsed) ? AddressKey.Of(parsed) : address;
        lock (_gate)
        {
            var minute = clock.GetUtcNow().ToUnixTimeSeconds() / 60;
            if (minute != _minute)
            {
                _minute = minute;
                _written = 0;
                _perAddress.Clear();
            }

            var count = _perAddress.GetValueOrDefault(key);
            if (_written >= perMinute || count >= perAddressAndMinute)
            {
                leftOut = ++_leftOut;
                return false;
            }

            _written++;
            _perAddress[key] = count + 1; // At most perMinute entries, as each took one.
            leftOut = _leftOut;
            _leftOut = 0;
            return true;
        }
    }
}
