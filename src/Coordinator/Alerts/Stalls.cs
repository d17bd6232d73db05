namespace Fleet.Coordinator.Alerts;

/// <summary>
/// Detects stalls. A thing has stalled when every look for a while has found it standing still; the stall ends when a look no longer does.
/// A short pause, such as between one run and the next, is not a stall. Not thread-safe; kept in memory, so a restart reports again what is
/// still stalled.
/// </summary>
internal sealed class Stalls<TKey>(TimeSpan after, TimeProvider clock)
    where TKey : notnull
{
    private readonly Dictionary<TKey, (long SeenAt, DateTimeOffset Since, bool Told)> _seen = [];

    /// <summary>The stalls that have been reported, and when each was first seen.</summary>
    public IReadOnlyDictionary<TKey, DateTimeOffset> Told =>
        _seen.Where(static one => one.Value.Told).ToDictionary(static one => one.Key, static one => one.Value.Since);

    /// <summary>Takes in one look.</summary>
    /// <param name="now">Everything that stands still in this look.</param>
    public (IReadOnlyList<TKey> Began, IReadOnlyList<TKey> Ended) Look(IReadOnlyCollection<TKey> now)
    {
        var began = new List<TKey>();
        foreach (var key in now)
        {
            if (!_seen.TryGetValue(key, out var seen))
            {
                _seen[key] = (clock.GetTimestamp(), clock.GetUtcNow(), false);
            }
            else if (!seen.Told && clock.GetElapsedTime(seen.SeenAt) >= after)
            {
                _seen[key] = seen with { Told = true };
                began.Add(key);
            }
        }

        var still = now.ToHashSet();
        var gone = _seen.Where(one => !still.Contains(one.Key)).ToList();
        gone.ForEach(one => _seen.Remove(one.Key));
        return (began, [.. gone.Where(static one => one.Value.Told).Select(static one => one.Key)]);
    }
}
