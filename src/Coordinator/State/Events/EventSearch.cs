using System.Globalization;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Events;

/// <summary>
/// Finds the events that match a filter without reading the others. Each type of a host or policy is a stream of sequences in an index, and
/// SQLite merges them in order.
/// </summary>
internal sealed class EventSearch
{
    /// <summary>Most streams to merge. With more, a filter matches so much that reading everything is no worse.</summary>
    private const int MaxStreams = 100;

    private readonly List<string> _streams = [];
    private readonly List<(string Name, object? Value)> _values = [];

    private EventSearch()
    {
    }

    /// <summary>Events between two sequences that match a filter.</summary>
    /// <returns>
    /// The first of them, and the sequence up to which they are complete. Null if reading everything is the quickest way.
    /// </returns>
    public static (List<Event> Events, long UpTo)? Page(StoreReader reader, EventFilter filter, long after, long to, int limit)
    {
        var search = new EventSearch();
        if (!filter.IsNarrow || !search.Collect(reader, filter))
        {
            return null;
        }

        if (search._streams.Count == 0)
        {
            return ([], to);
        }

        var sequences = reader.Query(
            string.Join(" UNION ALL ", search._streams) + " ORDER BY sequence LIMIT $limit",
            static row => row.GetInt64(0),
            [.. search._values, ("$after", after), ("$to", to), ("$limit", limit)]);
        var events = EventStore.Of(reader, sequences);
        var upTo = events.Count < sequences.Count ? events[^1].Sequence : sequences.Count < limit ? to : sequences[^1];
        return (events.FindAll(filter.Matches), upTo);
    }

    /// <returns>False if there are too many.</returns>
    private bool Collect(StoreReader reader, EventFilter filter)
    {
        var names = HostNames(reader, filter.Hosts);
        if (filter.Policies.Count == 0 && names.Count == 0)
        {
            return AddTypes(reader, filter, "events_type", "", "");
        }

        if (filter.Policies.Count == 0)
        {
            return names.All(name => AddTypes(reader, filter, "events_host", $"host_name = {Value(name)} AND host_name <> ''", ""));
        }

        var ofHosts = names.Count == 0 ? "" : $" AND host_name IN ({string.Join(", ", names.Select(Value))})";
        return filter.Policies.All(policy =>
            AddTypes(reader, filter, "events_policy", $"policy = {Value(policy)} AND policy <> ''", ofHosts));
    }

    private bool AddTypes(StoreReader reader, EventFilter filter, string index, string scope, string further)
    {
        var types = new SortedSet<string>(filter.Types, StringComparer.Ordinal);
        foreach (var (from, to) in filter.Ranges)
        {
            for (var type = Next(reader, index, scope, from, to); type is not null; type = Next(reader, index, scope, type, to))
            {
                types.Add(type);
                if (_streams.Count + types.Count > MaxStreams)
                {
                    return false;
                }
            }
        }

        if (_streams.Count + types.Count > MaxStreams)
        {
            return false;
        }

        foreach (var type in types)
        {
            _streams.Add(
                $"SELECT sequence FROM events INDEXED BY {index} WHERE {scope}{(scope.Length > 0 ? " AND " : "")}type = {Value(type)} " +
                $"AND sequence > $after AND sequence <= $to{further}");
        }

        return true;
    }

    /// <summary>The next existing type between two texts: one step in the index, however many events have it.</summary>
    private string? Next(StoreReader reader, string index, string scope, string after, string before) =>
        reader.First(
            $"SELECT min(type) FROM events INDEXED BY {index} WHERE {scope}{(scope.Length > 0 ? " AND " : "")}type > $type AND type < "
            + "$before",
            static row => row.IsDBNull(0) ? null : row.GetString(0),
            [.. _values.Where(value => scope.Contains(value.Name + " ", StringComparison.Ordinal)), ("$type", after), ("$before", before)]);

    /// <summary>Events contain the name of their host, but a filter may give its id.</summary>
    private static SortedSet<string> HostNames(StoreReader reader, IEnumerable<string> namesOrIds)
    {
        var names = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var nameOrId in namesOrIds)
        {
            names.Add(nameOrId);
            if (reader.First("SELECT name FROM hosts WHERE host_id = $id", static row => row.GetString(0), ("$id", nameOrId)) is { } name)
            {
                names.Add(name);
            }
        }

        return names;
    }

    private string Value(string value)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"$v{_values.Count}");
        _values.Add((name, value));
        return name;
    }
}
