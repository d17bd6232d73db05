using Fleet.Coordinator.State.Hosts;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.Edge;

namespace Fleet.Coordinator.Limits;

/// <summary>
/// What one host has left of its budgets. Long-term budgets are stored with what is taken from them, so that a restart gives nothing
/// back; the others refill within minutes and start full with the process.
/// </summary>
internal sealed class HostBudget(TimeProvider clock)
{
    private readonly Lock _gate = new();
    private readonly Allowance _lines = new(HostLimits.LineBurst, HostLimits.LinesPerSecond, clock);
    private readonly Allowance _lineBytes = new(HostLimits.LineBytesBurst, HostLimits.LineBytesPerSecond, clock);
    private readonly Allowance _progress = new(HostLimits.ProgressBurst, HostLimits.ProgressPerSecond, clock);
    private readonly Allowance _durable = new(HostLimits.DurableBurst, HostLimits.DurablePerMinute / 60.0, clock);
    private readonly Allowance _stock = new(HostLimits.DurableStock, HostLimits.DurablePerDay / 86_400.0, clock);
    private readonly Allowance _spareRuns = new(HostLimits.SpareRuns, HostLimits.SpareRunsPerHour / 3_600.0, clock);
    private readonly Allowance _reports = new(HostLimits.ReportBurst, HostLimits.ReportPerMinute / 60.0, clock);
    private readonly Allowance _sessions = new(HostLimits.SessionBurst, HostLimits.SessionsPerMinute / 60.0, clock);
    private readonly Dictionary<Budget, Episode> _episodes = [];
    private bool _resumed;

    /// <summary>Continues from the stored amount; to be called once.</summary>
    public void Resume(HostRow host, DateTimeOffset now)
    {
        lock (_gate)
        {
            if (!_resumed && host.BudgetAt is { } at)
            {
                _stock.Resume(host.DurableLeft, now - at);
                _spareRuns.Resume(host.SpareRunsLeft, now - at);
            }

            _resumed = true;
        }
    }

    /// <summary>Stores what is left of the long-term budgets, in the transaction that takes from them.</summary>
    public void Save(StoreTransaction transaction, string hostId)
    {
        (long Durable, long SpareRuns) left;
        lock (_gate)
        {
            left = ((long)_stock.Left(), (long)_spareRuns.Left());
        }

        HostStore.SetBudget(transaction, hostId, left.Durable, left.SpareRuns);
    }

    /// <summary>How many of these lines, beginning with the first, may be taken.</summary>
    /// <param name="sizes">The size of each line, in bytes.</param>
    public int TakeLines(IEnumerable<long> sizes)
    {
        lock (_gate)
        {
            var count = 0;
            foreach (var size in sizes)
            {
                if (!_lines.TryTake(1) || !_lineBytes.TryTake(size))
                {
                    break;
                }

                count++;
            }

            return count;
        }
    }

    public bool TryProgress() => TryTake(_progress, 1);

    public bool TryReport(long bytes) => TryTake(_reports, bytes);

    public bool TrySession() => TryTake(_sessions, 1);

    public bool TrySpareRun() => TryTake(_spareRuns, 1);

    public bool TryDurable(long bytes)
    {
        lock (_gate)
        {
            if (!_durable.TryTake(bytes))
            {
                return false;
            }

            if (_stock.TryTake(bytes))
            {
                return true;
            }

            _durable.Return(bytes);
            return false;
        }
    }

    /// <summary>Records that something was cut or left out.</summary>
    /// <returns>True if an episode begins with it, which is to be reported.</returns>
    public bool Exceeded(Budget budget, long amount = 1)
    {
        lock (_gate)
        {
            var newest = clock.GetTimestamp();
            var begins =
                !_episodes.TryGetValue(budget, out var episode) || clock.GetElapsedTime(episode.Newest, newest) >= HostLimits.EpisodeQuiet;
            _episodes[budget] = begins
                ? new Episode(clock.GetUtcNow(), newest, amount)
                : episode! with
                {
                    Newest = newest,
                    Amount = episode.Amount + amount,
                };
            return begins;
        }
    }

    /// <summary>The episodes that are in progress.</summary>
    public IReadOnlyList<(Budget Budget, Episode Episode)> Episodes()
    {
        lock (_gate)
        {
            return
            [
                .. _episodes
                    .Where(pair => clock.GetElapsedTime(pair.Value.Newest) < HostLimits.EpisodeQuiet)
                    .Select(pair => (pair.Key, pair.Value)),
            ];
        }
    }

    private bool TryTake(Allowance allowance, double amount)
    {
        lock (_gate)
        {
            return allowance.TryTake(amount);
        }
    }
}
