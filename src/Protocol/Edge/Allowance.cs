namespace Fleet.Protocol.Edge;

/// <summary>
/// An amount that fills up at a rate and that is taken from: lines, bytes, reports. Not for several threads at once: the owner
/// has the lock.
/// </summary>
/// <param name="burst">What it holds when full.</param>
/// <param name="perSecond">What comes back each second.</param>
public sealed class Allowance(double burst, double perSecond, TimeProvider clock)
{
    private readonly double _burst = burst;
    private double _left = burst;
    private long _at = clock.GetTimestamp();

    /// <summary>Takes an amount, or nothing when less is left.</summary>
    public bool TryTake(double amount)
    {
        Refill();
        if (_left < amount)
        {
            return false;
        }

        _left -= amount;
        return true;
    }

    /// <summary>What is left now.</summary>
    public double Left()
    {
        Refill();
        return _left;
    }

    /// <summary>Goes on from what was left some time ago.</summary>
    public void Resume(double left, TimeSpan since)
    {
        _left = Math.Clamp(left + (Math.Max(0, since.TotalSeconds) * perSecond), 0, _burst);
        _at = clock.GetTimestamp();
    }

    /// <summary>Gives back what was taken and not used.</summary>
    public void Return(double amount) => _left = Math.Min(_burst, _left + amount);

    private void Refill()
    {
        var now = clock.GetTimestamp();
        _left = Math.Min(_burst, _left + (clock.GetElapsedTime(_at, now).TotalSeconds * perSecond));
        _at = now;
    }
}
