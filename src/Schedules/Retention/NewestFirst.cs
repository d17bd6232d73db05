namespace Fleet.Schedules.Retention;

/// <summary>The one order of copies: by instant, then by order key, then by identity, newest first.</summary>
internal static class NewestFirst
{
    /// <exception cref="ArgumentException">Two candidates have one identity.</exception>
    public static RetentionCandidate[] Order(IEnumerable<RetentionCandidate> candidates)
    {
        RetentionCandidate[] ordered = [.. candidates];
        var seen = new HashSet<string>(ordered.Length, StringComparer.Ordinal);
        foreach (var candidate in ordered)
        {
            if (!seen.Add(candidate.Identity))
            {
                throw new ArgumentException("two candidates have the same identity", nameof(candidates));
            }
        }

        Array.Sort(ordered, Compare);
        return ordered;
    }

    private static int Compare(RetentionCandidate a, RetentionCandidate b)
    {
        var byInstant = b.CreatedAt.UtcTicks.CompareTo(a.CreatedAt.UtcTicks);
        var byKey = byInstant != 0 ? byInstant : b.OrderKey.CompareTo(a.OrderKey);
        return byKey != 0 ? byKey : string.CompareOrdinal(b.Identity, a.Identity);
    }
}
