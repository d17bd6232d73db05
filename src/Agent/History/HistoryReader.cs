using Fleet.Agent.Edge;
using LiteDB;

namespace Fleet.Agent.History;

/// <summary>Answers questions from the files of a folder, and from attempts that are not in them yet. Changes nothing.</summary>
/// <param name="unwritten">Documents of attempts that the journal holds; those that the files have, too, count once.</param>
/// <param name="damaged">Takes a file that cannot be used, which is then left out.</param>
internal sealed class HistoryReader(HistoryFolder folder, IReadOnlyList<BsonDocument> unwritten, Action<HistoryDamageException> damaged)
{
    /// <summary>Left out of lists: what only one attempt's own page shows.</summary>
    private static readonly string[] PageOnly = [
        "tail", "phases", "facts", "details", "details_total", "retryable", "cpu_ms", "max_resident_bytes"];

    /// <summary>The newest attempts that match, the newest first.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public IReadOnlyList<BsonDocument> Runs(HistoryFilter filter, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, BsonDocument>();
        foreach (var document in unwritten.Where(filter.Matches))
        {
            found[document[HistoryDocument.Id].AsString] = Short(document);
        }

        foreach (var file in folder.Files())
        {
            // A file may hold attempts that ended long before they were written down, so that each is asked.
            var newest = found.Values.Select(HistoryDocument.FinishedAt).OrderDescending().Skip(filter.Limit - 1).Take(1).ToList();
            var since = newest is [var last] && last > filter.From ? last : filter.From;
            var left = filter.Limit;
            Visit(file, open => open.Newest(filter.Policy.Length > 0 ? filter.Policy : null, since, filter.To, document =>
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (filter.Matches(document))
                {
                    found[document[HistoryDocument.Id].AsString] = Short(document);
                    left--;
                }

                return left > 0;
            }));
        }

        return [.. found.Values.OrderByDescending(HistoryDocument.FinishedAt).ThenBy(d => d[HistoryDocument.Id].AsString,
            StringComparer.Ordinal).Take(filter.Limit)];
    }

    /// <summary>Every attempt of the runs whose ids begin so, by run, the first attempt first.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public IReadOnlyList<BsonDocument> Attempts(string firstDigits)
    {
        var found = new Dictionary<string, BsonDocument>();
        foreach (var document in unwritten.Where(d => d[HistoryDocument.Run].AsString.StartsWith(firstDigits, StringComparison.Ordinal)))
        {
            found[document[HistoryDocument.Id].AsString] = document;
        }

        foreach (var file in folder.Files())
        {
            Visit(file, open => open.OfRun(firstDigits, document => found[document[HistoryDocument.Id].AsString] = document));
        }

        return [.. found.Values.OrderBy(d => d[HistoryDocument.Run].AsString, StringComparer.Ordinal).ThenBy(d => d["attempt"].AsInt32)];
    }

    /// <summary>The newest attempt of each policy that has one.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public IReadOnlyDictionary<string, BsonDocument> LastOf(IReadOnlyList<HostPolicy> policies, CancellationToken cancellationToken)
    {
        Dictionary<string, BsonDocument> last = [];
        foreach (var policy in policies)
        {
            if (Runs(HistoryFilter.Any with { Policy = policy.Name, Limit = 1 }, cancellationToken) is [var newest])
            {
                last[policy.Name] = newest;
            }
        }

        return last;
    }

    private static BsonDocument Short(BsonDocument document)
    {
        var copy = new BsonDocument();
        foreach (var (key, value) in document)
        {
            if (!PageOnly.Contains(key))
            {
                copy[key] = value;
            }
        }

        return copy;
    }

    private void Visit(HistoryFileName file, Action<HistoryFile> question)
    {
        try
        {
            using var open = HistoryFile.OpenForReading(folder.PathOf(file));
            question(open);
        }
        catch (HistoryDamageException e)
        {
            damaged(e);
        }
    }
}
