using Fleet.Coordinator.Storage;

namespace Fleet.Coordinator.State.Snapshots;

/// <summary>
/// Finds the snapshots of one page of a list, newest first. The index for the requested conditions has that order, so a page costs the
/// same however many there are. A policy's snapshots are those of each list of policies that contains it, and those below a dataset are
/// those of each dataset there: the index has one stream for each, and SQLite merges them.
/// </summary>
/// <param name="HostId">Empty for all.</param>
/// <param name="Of">Without a trailing slash; null for all.</param>
/// <param name="Policy">Empty for all.</param>
/// <param name="At">For each dataset, volume and folder, only the newest at that time; null for all.</param>
/// <param name="Before">Only snapshots after this place in the list.</param>
internal sealed record SnapshotPage(string HostId, string? Of, string Policy, long? At, bool IncludeGone, (long CreatedAt, long Id) Before)
{
    /// <summary>Most streams to merge. With more, all snapshots are read in order, since so many streams match often enough.</summary>
    private const int MaxStreams = 50;

    private const string OfGroup = "n.host_id = g.host_id AND n.kind = g.kind AND n.origin = g.origin";

    /// <summary>Ids of the snapshots, in the order of the list.</summary>
    public List<long> Read(StoreReader reader, int limit)
    {
        var (index, keys) = Streams(reader);
        if (index is null)
        {
            return [];
        }

        return reader.Query(
            At is null
                ? string.Join(" UNION ALL ", Branches(index, keys.Count)) + " ORDER BY created_at DESC, id DESC LIMIT $limit"
                : NewestOfEach(),
            static row => row.GetInt64(1),
            [
                .. keys.Select(static (key, i) => ($"$k{i}", (object?)key)),
                ("$host", HostId),
                ("$of", Of),
                ("$policy", Policy),
                ("$at", At),
                ("$before", Before.CreatedAt),
                ("$beforeId", Before.Id),
                ("$limit", limit),
            ]);
    }

    /// <returns>
    /// The index to read, and the values of its first column; no values mean everything. The index is null if nothing can match.
    /// </returns>
    private (string? Index, List<string> Keys) Streams(StoreReader reader)
    {
        if (At is not null)
        {
            return ("snapshots_of", []);
        }

        if (HostId.Length > 0)
        {
            return ("snapshots_host", [HostId]);
        }

        if (Of is not null && Keys(reader, "origin", "snapshots_origin", Of, Of + "0", IsBelow) is { } origins)
        {
            return (origins.Count == 0 ? null : "snapshots_origin", origins);
        }

        if (Policy.Length > 0
            && Keys(reader, "policy", "snapshots_policy", "", null, names => names.Split(',').Contains(Policy)) is { } lists)
        {
            return (lists.Count == 0 ? null : "snapshots_policy", lists);
        }

        return ("snapshots_newest", []);
    }

    /// <summary>
    /// The distinct texts of a column, beginning with a given one: one step in the index for each, however many snapshots have it.
    /// </summary>
    /// <returns>Null if there are too many.</returns>
    private static List<string>? Keys(
        StoreReader reader, string column, string index, string from, string? before, Predicate<string> isWanted)
    {
        var keys = new List<string>();
        var seen = 0;
        for (var key = Next(">=", from); key is not null; key = Next(">", key))
        {
            if (isWanted(key))
            {
                keys.Add(key);
            }

            if (keys.Count > MaxStreams || ++seen > MaxStreams * 100)
            {
                return null;
            }
        }

        return keys;

        string? Next(string comparison, string than) => reader.First(
            $"SELECT min({column}) FROM snapshots INDEXED BY {index} WHERE {column} {comparison} "
            + $"$than{(before is null ? "" : $" AND {column} < $end")}",
            static row => row.IsDBNull(0) ? null : row.GetString(0),
            ("$than", than),
            ("$end", before));
    }

    private bool IsBelow(string origin) => origin == Of || origin.StartsWith(Of + "/", StringComparison.Ordinal);

    private IEnumerable<string> Branches(string index, int keys)
    {
        var column = index switch
        {
            "snapshots_host" => "s.host_id",
            "snapshots_origin" => "s.origin",
            "snapshots_policy" => "s.policy",
            _ => "",
        };
        var scopes = keys == 0 ? [""] : Enumerable.Range(0, keys).Select(i => $"{column} = $k{i} AND ");
        return
            from scope in scopes
            from isThere in IncludeGone ? (string[])["TRUE", "FALSE"] : ["TRUE"]
            select $"SELECT s.created_at AS created_at, s.id AS id FROM snapshots s INDEXED BY {index} WHERE {scope}(s.gone_at IS "
                + $"NULL) = {isThere} AND (s.created_at, s.id) < ($before, $beforeId)" +
                Conditions();
    }

    private string NewestOfEach()
    {
        // Each step goes to the next dataset, volume or folder. The "+" is needed because SQLite otherwise uses only the first of the three
        // to go there, and, below, reads everything before a place instead of only the newest one.
        var next = HostId.Length > 0
            ? "n.host_id = $host AND (n.kind, n.origin) > (+g.kind, +g.origin)"
            : "(n.host_id, n.kind, n.origin) > (+g.host_id, +g.kind, +g.origin)";
        return
            $"""
            WITH RECURSIVE g(host_id, kind, origin) AS (
                SELECT CAST('' AS TEXT), CAST(-1 AS BIGINT), CAST('' AS TEXT)
                UNION ALL
                SELECT s.host_id, s.kind, s.origin FROM g CROSS JOIN snapshots s
                ON s.id = (SELECT n.id FROM snapshots n INDEXED BY snapshots_of
                    WHERE {next} ORDER BY n.host_id, n.kind, n.origin LIMIT 1))
            SELECT s.created_at AS created_at, s.id AS id FROM g CROSS JOIN snapshots s INDEXED BY snapshots_of
                ON s.host_id = g.host_id AND s.kind = g.kind AND s.origin = g.origin AND s.created_at = (
                    SELECT n.created_at FROM snapshots n INDEXED BY snapshots_of WHERE {OfGroup} AND n.created_at <= $at{Common("n")}
                    ORDER BY n.created_at DESC LIMIT 1)
            WHERE (+s.created_at, +s.id) < ($before, $beforeId){Common(
                "s"
            )}{Conditions()} ORDER BY s.created_at DESC, s.id DESC LIMIT $limit
            """;
    }

    private string Conditions() =>
        (Policy.Length > 0 ? OfPolicy("s") : "") +
        // Names below it begin with "of/", and '0' follows '/'.
        (Of is not null ? " AND (s.origin = $of OR (s.origin >= $of || '/' AND s.origin < $of || '0'))" : "") +
        " AND EXISTS (SELECT 1 FROM hosts h WHERE h.host_id = s.host_id AND h.removed_at IS NULL)";

    private string Common(string table) =>
        (Policy.Length > 0 ? OfPolicy(table) : "") + (IncludeGone ? "" : $" AND {table}.gone_at IS NULL");

    private static string OfPolicy(string table) => $" AND instr(',' || {table}.policy || ',', ',' || $policy || ',') > 0";
}
