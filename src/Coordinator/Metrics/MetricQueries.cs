using Fleet.Coordinator.Edge;
using Fleet.Coordinator.Errors;
using Fleet.Coordinator.State.Hosts;
using Fleet.Coordinator.State.Metrics;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Fleet.Coordinator.Metrics;

/// <summary>FleetService.GetLatestMetrics and QueryMetrics.</summary>
internal sealed class MetricQueries(FleetStore store, MetricStore metrics, RollupStore rollups, TimeProvider clock)
{
    /// <summary>An answer must fit into the 4 MiB that clients accept by default.</summary>
    private const int MaxSeries = 20_000;
    private const int MaxPoints = 100_000;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(RollupPoint.WindowSeconds);

    /// <summary>
    /// The newest value of each series. After a restart of the coordinator, a host that has not reported yet shows the newest
    /// roll-up instead.
    /// </summary>
    public async Task<GetLatestMetricsResponse> LatestAsync(GetLatestMetricsRequest request, CancellationToken cancellationToken)
    {
        if (request.Hosts.Count == 0 && request.Names.Count == 0)
        {
            throw FleetError.InvalidArgument("names", "is required when hosts is empty");
        }

        var matches = NameFilter.From(request.Names);
        var hosts = await store.ReadAsync(
            reader => request.Hosts.Count == 0 ? HostStore.All(reader) : [.. request.Hosts.Select(host => Find(reader, host))],
            cancellationToken);
        var response = new GetLatestMetricsResponse();
        foreach (var host in hosts.DistinctBy(static host => host.HostId))
        {
            foreach (var (key, at, value) in Newest(host.HostId, matches))
            {
                if (response.Series.Count >= MaxSeries)
                {
                    throw TooMuch($"more than {MaxSeries} series match", "Ask for fewer hosts or names.");
                }

                var data = NewData(host, key);
                data.Points.Add(new MetricPoint { At = ToTimestamp(at), Value = value });
                response.Series.Add(data);
            }
        }

        return response;
    }

    public async Task<QueryMetricsResponse> QueryAsync(QueryMetricsRequest request, CancellationToken cancellationToken)
    {
        if (request.Names.Count == 0)
        {
            throw FleetError.InvalidArgument("names", "needs at least one name");
        }

        var matches = NameFilter.From(request.Names);
        var now = clock.GetUtcNow();
        var to = Instant("to", request.To) ?? now;
        var from = Instant("from", request.From) ?? to - Timeline.Keep;
        if (from >= to)
        {
            throw FleetError.InvalidArgument("from", "must be before to");
        }

        var host = await store.ReadAsync(reader => Find(reader, request.Host), cancellationToken);
        var response = new QueryMetricsResponse();

        // A minute of slack: a request for "the last hour" arrives a moment later.
        var recent = from >= now - Timeline.Keep - TimeSpan.FromMinutes(1);
        var step = Step(request.Step, to - from, recent);
        var points = recent && step < Window
            ? FromMemory(host.HostId, matches, from, to, step)
            : FromRollups(host.HostId, matches, from, to, step = Aligned(step));
        foreach (var (key, series) in points.OrderBy(static pair => pair.Key.Name, StringComparer.Ordinal))
        {
            var data = NewData(host, key);
            data.Points.AddRange(series);
            response.Series.Add(data);
        }

        response.Step = Duration.FromTimeSpan(step);
        return response;
    }

    private List<(SeriesKey Key, long At, double Value)> Newest(string hostId, Func<string, bool> matches)
    {
        if (metrics.Find(hostId)?.Newest(matches) is { Count: > 0 } newest)
        {
            return newest;
        }

        var points = new List<(SeriesKey Key, long At, double Value)>();
        if (rollups.NewestWindow(hostId) is { } window)
        {
            rollups.Read(hostId, matches, window, window, (key, _, point) => points.Add((key, point.LastAt, point.Last)));
        }

        return points;
    }

    private Dictionary<SeriesKey, List<MetricPoint>> FromMemory(
        string hostId, Func<string, bool> matches, DateTimeOffset from, DateTimeOffset to, TimeSpan step)
    {
        var samples = metrics.Find(hostId)?.Read(
            matches, from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds(), step == TimeSpan.Zero ? MaxPoints : 50 * MaxPoints) ?? [];
        var result = new Dictionary<SeriesKey, List<MetricPoint>>();
        var total = 0;
        foreach (var (key, values) in samples)
        {
            var points = step == TimeSpan.Zero
                ? [.. values.Select(static sample => new MetricPoint { At = ToTimestamp(sample.At), Value = sample.Value })]
                : Buckets(key, values.Select(static sample => (sample.At, PointOf(sample.At, sample.Value))), step);
            result[key] = points;
            CheckTotal(total += points.Count);
        }

        return result;
    }

    private Dictionary<SeriesKey, List<MetricPoint>> FromRollups(
        string hostId, Func<string, bool> matches, DateTimeOffset from, DateTimeOffset to, TimeSpan step)
    {
        var parts = new Dictionary<SeriesKey, List<(long At, RollupPoint Point)>>();
        var first = RollupPoint.WindowOf(from.ToUnixTimeMilliseconds());
        var last = RollupPoint.WindowOf(to.ToUnixTimeMilliseconds());
        void Collect(SeriesKey key, long window, RollupPoint point)
        {
            if (!parts.TryGetValue(key, out var list))
            {
                parts[key] = list = [];
            }

            list.Add((window * RollupPoint.WindowSeconds * 1000L, point));
        }

        rollups.Read(hostId, matches, first, last, Collect);
        metrics.Find(hostId)?.ReadWaiting(matches, first, last, Collect);
        var result = new Dictionary<SeriesKey, List<MetricPoint>>();
        var total = 0;
        foreach (var (key, values) in parts)
        {
            result[key] = Buckets(key, values, step);
            CheckTotal(total += result[key].Count);
        }

        return result;
    }

    /// <summary>Combines parts into intervals that begin at multiples of the step.</summary>
    private static List<MetricPoint> Buckets(SeriesKey key, IEnumerable<(long At, RollupPoint Point)> parts, TimeSpan step)
    {
        var milliseconds = (long)step.TotalMilliseconds;
        var buckets = new SortedDictionary<long, RollupPoint>();
        foreach (var (at, part) in parts)
        {
            var bucket = at / milliseconds * milliseconds;
            var sum = buckets.GetValueOrDefault(bucket);
            sum.Merge(part);
            buckets[bucket] = sum;
        }

        return
        [
            .. buckets.Where(static pair => pair.Value.Count > 0).Select(pair => new MetricPoint
            {
                At = ToTimestamp(pair.Key),
                Value = key.Kind == MetricKind.Counter ? pair.Value.Last : pair.Value.Mean,
                Min = pair.Value.Min,
                Max = pair.Value.Max,
            }),
        ];
    }

    private static RollupPoint PointOf(long at, double value)
    {
        var point = default(RollupPoint);
        point.Add(at, value);
        return point;
    }

    private static TimeSpan Step(Duration? requested, TimeSpan range, bool recent)
    {
        if (requested is null)
        {
            // About 500 points, as many as fit on a screen.
            return recent ? TimeSpan.Zero : range / 500;
        }

        if (requested.Seconds is < 0 or > 366L * 86_400)
        {
            throw FleetError.InvalidArgument("step", "must be 0 s to 366 days");
        }

        var step = requested.ToTimeSpan();
        return step < TimeSpan.Zero ? throw FleetError.InvalidArgument("step", "is negative")
            : step > TimeSpan.Zero && step < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1)
            : step;
    }

    /// <summary>Rounds to a multiple of five minutes, at least one.</summary>
    private static TimeSpan Aligned(TimeSpan step) => Window * Math.Max(1, Math.Ceiling(step / Window));

    private static DateTimeOffset? Instant(string field, Timestamp? timestamp)
    {
        try
        {
            return timestamp?.ToDateTimeOffset();
        }
        catch (InvalidOperationException)
        {
            throw FleetError.InvalidArgument(field, "is not an instant between the years 1 and 9999");
        }
    }

    private static HostRow Find(StoreReader reader, string host) => HostStore.Find(reader, host)
        ?? throw FleetError.NotFound($"there is no host {EscapedText.Escape(host, 100)}", "fleet hosts shows them.");

    private static MetricData NewData(HostRow host, SeriesKey key) =>
        new() { HostId = host.HostId, HostName = host.Name, Series = key.ToProto() };

    private static Timestamp ToTimestamp(long unixMilliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(unixMilliseconds).ToTimestamp();

    private static void CheckTotal(int points)
    {
        if (points > MaxPoints)
        {
            throw TooMuch($"the answer would have more than {MaxPoints} points", "Ask for fewer names, a shorter range or a larger step.");
        }
    }

    private static RpcException TooMuch(string message, string whatToDo) =>
        FleetError.Create(StatusCode.InvalidArgument, Reason.InvalidArgument, message, whatToDo);
}
