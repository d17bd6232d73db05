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

        // Plain numbers sort several times faster than a comparison that follows references, and few copies share an instant.
        var instants = Array.ConvertAll(ordered, static c => -c.CreatedAt.UtcTicks);
        Array.Sort(instants, ordered);
        for (var start = 0; start < ordered.Length;)
        {
            var end = start + 1;
            while (end < ordered.Length && instants[end] == instants[start])
            {
                end++;
            }

            ordered.AsSpan(start, end - start).Sort(OfOneInstant);
            start = end;
        }

        return ordered;
    }

    private static int OfOneInstant(RetentionCandidate a, RetentionCandidate b)
    {
        var byKey = b.OrderKey.CompareTo(a.OrderKey);
        return byKey != 0 ? byKey : string.CompareOrdinal(b.Identity, a.Identity);
    }
}
