using System.Data.Common;
using System.Text.Json;
using Fleet.Coordinator.Meters;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Metrics;

/// <summary>
/// Five-minute roll-ups, on a connection of their own (in SQLite in a file of their own), so that this bulk never delays a result that
/// waits for its commit; losing them breaks no promise. Used by one caller at a time.
/// </summary>
internal sealed partial class RollupStore : IDisposable
{
    private static readonly RollupTables[] Migrations = [new()];

    private readonly Lock _gate = new();
    private readonly StoreEngine _engine;
    private readonly TimeProvider _clock;
    private StoreTransaction _transaction;
    private readonly Dictionary<string, RollupHost> _hosts = new(StringComparer.Ordinal);

    private RollupStore(StoreEngine engine, OpenedDatabase opened, TimeProvider clock)
    {
        _engine = engine;
        _clock = clock;
        IsCheckedWhole = opened.IsCheckedWhole;
        _transaction = new StoreTransaction(opened.Connection, engine.Dialect, clock);
        Load();
    }

    /// <inheritdoc cref="StoreEngine.Place"/>
    public string Place => _engine.Place;

    /// <inheritdoc cref="OpenedDatabase"/>
    public bool IsCheckedWhole { get; }

    /// <inheritdoc cref="StoreEngine.IsSuspect"/>
    public bool IsSuspect => _engine.IsSuspect;

    /// <summary>Opens the database. A damaged file is set aside: metrics are worth less than a coordinator that starts.</summary>
    public static RollupStore Open(StoreEngine engine, TimeProvider clock, ILogger log)
    {
        try
        {
            return new RollupStore(engine, engine.OpenForWriting(Migrations), clock);
        }
        catch (Exception exception) when (exception is StoreException or DbException)
        {
            if (engine.PutAside($"damaged-{clock.GetUtcNow():yyyyMMddTHHmmssZ}") is not { } aside)
            {
                throw;
            }

            FilePutAside(log, engine.Place, aside, exception);
            return new RollupStore(engine, engine.OpenForWriting(Migrations), clock);
        }
    }

    /// <inheritdoc cref="StoreEngine.CheckWhole"/>
    public void CheckWhole(CancellationToken cancellationToken) => _engine.CheckWhole(cancellationToken);

    /// <summary>Adds parts of windows of one host to the stored ones.</summary>
    /// <returns>The number of points written.</returns>
    public int Write(string hostId, IReadOnlyDictionary<long, Dictionary<SeriesKey, RollupPoint>> windows)
    {
        lock (_gate)
        {
            EnsureConnected();
            _transaction.Begin();
            try
            {
                _engine.Prove(_transaction);
                var host = HostOf(hostId);
                var written = windows.Sum(pair => WriteWindow(host, pair.Key, pair.Value));
                _transaction.Execute("COMMIT");
                return written;
            }
            catch
            {
                // The numbers in memory may now be ahead of the file: read them again.
                TryRollBack();
                if (_transaction.IsUsable)
                {
                    Load();
                }

                throw;
            }
        }
    }

    /// <summary>Roll-ups of one host, oldest window first.</summary>
    public void Read(
        string hostId, Func<string, bool> nameMatches, long fromWindow, long toWindow, Action<SeriesKey, long, RollupPoint> into)
    {
        lock (_gate)
        {
            EnsureConnected();
            if (!_hosts.TryGetValue(hostId, out var host))
            {
                return;
            }

            var rows = _transaction.Query(
                "SELECT key, points FROM rollups WHERE key BETWEEN $from AND $to ORDER BY key",
                static row => (Window: row.GetInt64(0) & 0xffff_ffff, Points: (byte[])row.GetValue(1)),
                ("$from", host.RowKey(Math.Max(0, fromWindow))),
                ("$to", host.RowKey(Math.Min(uint.MaxValue, toWindow))));
            foreach (var (window, blob) in rows)
            {
                foreach (var (number, point) in RollupBlob.Read(window, blob))
                {
                    if (host.KeyOf(number) is { } key && nameMatches(key.Name))
                    {
                        into(key, window, point);
                    }
                }
            }
        }
    }

    /// <summary>Number of the newest window of a host; null if there is none.</summary>
    public long? NewestWindow(string hostId)
    {
        lock (_gate)
        {
            EnsureConnected();
            return _hosts.TryGetValue(hostId, out var host)
                ? _transaction.First(
                    "SELECT max(key) FROM rollups WHERE key BETWEEN $from AND $to",
                    static row => row.IsDBNull(0) ? (long?)null : row.GetInt64(0) & 0xffff_ffff,
                    ("$from", host.RowKey(0)),
                    ("$to", host.RowKey(uint.MaxValue)))
                : null;
        }
    }

    /// <summary>Deletes roll-ups older than a window, and series without any left.</summary>
    public void Prune(long beforeWindow)
    {
        lock (_gate)
        {
            EnsureConnected();
            foreach (var host in _hosts.Values)
            {
                _transaction.Execute(
                    "DELETE FROM rollups WHERE key BETWEEN $from AND $to",
                    ("$from", host.RowKey(0)),
                    ("$to", host.RowKey(Math.Max(0, beforeWindow - 1))));
                if (_transaction.Execute(
                    "DELETE FROM metric_series WHERE host_number = $host AND seen_window < $window",
                    ("$host", host.Number),
                    ("$window", beforeWindow - SeenSlack)) > 0)
                {
                    host.Forget(beforeWindow - SeenSlack);
                }
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _transaction.Dispose();
            _transaction.Connection.Dispose();
        }
    }

    /// <summary>seen_window is written once a day.</summary>
    private const long SeenSlack = 2 * 86_400 / RollupPoint.WindowSeconds;

    /// <summary>Opens a lost connection again. What memory knows of numbers may be ahead of the database then.</summary>
    /// <exception cref="StoreException">It cannot be opened.</exception>
    private void EnsureConnected()
    {
        if (_transaction.IsUsable)
        {
            return;
        }

        var opened = _engine.OpenForWriting(Migrations);
        _transaction.Dispose();
        _transaction.Connection.Dispose();
        _transaction = new StoreTransaction(opened.Connection, _engine.Dialect, _clock);
        Load();
    }

    private void Load()
    {
        _hosts.Clear();
        var byNumber = new Dictionary<int, RollupHost>();
        foreach (var (number, id) in _transaction.Query(
            "SELECT host_number, host_id FROM metric_hosts", static row => (row.GetInt32(0), row.GetString(1))))
        {
            byNumber[number] = _hosts[id] = new RollupHost(number);
        }

        foreach (var (host, number, name, labels, kind, seen) in _transaction.Query(
            "SELECT host_number, series_number, name, labels, kind, seen_window FROM metric_series",
            static row => (row.GetInt32(0), row.GetInt32(1), row.GetString(2), row.GetString(3), row.GetInt32(4), row.GetInt64(5))))
        {
            var series = new MetricSeries { Name = name, Kind = (MetricKind)kind };
            foreach (var (label, value) in JsonSerializer.Deserialize<Dictionary<string, string>>(labels) ?? [])
            {
                series.Labels.Add(label, value);
            }

            byNumber.GetValueOrDefault(host)?.Add(number, series, seen);
        }
    }

    private RollupHost HostOf(string hostId)
    {
        if (_hosts.TryGetValue(hostId, out var host))
        {
            return host;
        }

        _transaction.Execute("INSERT INTO metric_hosts (host_id) VALUES ($id)", ("$id", hostId));
        host = new RollupHost((int)_transaction.Number("SELECT host_number FROM metric_hosts WHERE host_id = $id", ("$id", hostId)));
        _hosts.Add(hostId, host);
        return host;
    }

    private int WriteWindow(RollupHost host, long window, Dictionary<SeriesKey, RollupPoint> points)
    {
        var key = host.RowKey(window);
        var existing = _transaction.First(
            "SELECT points FROM rollups WHERE key = $key", static row => (byte[])row.GetValue(0), ("$key", key));
        var merged = existing is null ? new Dictionary<int, RollupPoint>() : RollupBlob.Read(window, existing);
        foreach (var (series, point) in points)
        {
            if (host.NumberOf(series, window, out var isNew) is not { } number)
            {
                CoordinatorMeter.RollupsDropped.Add(1);
                continue;
            }

            if (isNew)
            {
                Keep(host, number, series, window);
            }

            var sum = merged.GetValueOrDefault(number);
            sum.Merge(point);
            merged[number] = sum;
        }

        _transaction.Execute(
            "INSERT INTO rollups (key, points) VALUES ($key, $points) ON CONFLICT (key) DO UPDATE SET points = excluded.points",
            ("$key", key),
            ("$points", RollupBlob.Write(window, merged.OrderBy(static pair => pair.Key))));
        return points.Count;
    }

    private void Keep(RollupHost host, int number, SeriesKey series, long window) => _transaction.Execute(
        """
        INSERT INTO metric_series (host_number, series_number, name, labels, kind, seen_window)
        VALUES ($host, $series, $name, $labels, $kind, $window)
        ON CONFLICT (host_number, series_number) DO UPDATE SET seen_window = excluded.seen_window
        """,
        ("$host", host.Number),
        ("$series", number),
        ("$name", series.Name),
        ("$labels", JsonSerializer.Serialize(series.Labels.ToDictionary())),
        ("$kind", (int)series.Kind),
        ("$window", window));

    private void TryRollBack()
    {
        try
        {
            _transaction.Execute("ROLLBACK");
        }
        catch (Exception exception) when (exception is DbException or InvalidOperationException)
        {
            // It had already rolled back by itself, or the connection is lost and the server does.
        }
    }
}
