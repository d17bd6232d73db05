using System.Collections.Concurrent;
using Fleet.Coordinator.State.Events;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Limits;

/// <summary>
/// The budgets of all hosts. They outlive sessions, so that a host does not get new ones by reconnecting. There are only as many as
/// enrolled hosts: a caller without a host's certificate does not get here.
/// </summary>
internal sealed class HostBudgets(TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, HostBudget> _budgets = new(StringComparer.Ordinal);

    public HostBudget Of(string hostId) => _budgets.GetOrAdd(hostId, static (_, clock) => new HostBudget(clock), clock);

    /// <summary>The episodes that are in progress, by host.</summary>
    public IEnumerable<(string HostId, Budget Budget, Episode Episode)> Episodes() =>
        _budgets.SelectMany(pair => pair.Value.Episodes().Select(found => (pair.Key, found.Budget, found.Episode)));

    /// <summary>The event that reports the begin of an episode.</summary>
    public static void Tell(StoreTransaction transaction, string hostId, string hostName, Budget budget) =>
        EventAppender.Append(
            transaction,
            new NewEvent(
                EventTypes.HostOverBudget,
                budget is Budget.LogLines or Budget.Progress ? EventSeverity.Info : EventSeverity.Warning,
                $"{hostName} sends more {Noun(budget)} than one host may ({Limit(budget)}): {Consequence(budget)}")
            {
                HostId = hostId,
                HostName = hostName,
                Attributes = new Dictionary<string, string> { ["budget"] = Name(budget), ["limit"] = Limit(budget) },
            });

    /// <summary>The budget's name in events.</summary>
    public static string Name(Budget budget) => budget switch
    {
        Budget.LogLines => "log_lines",
        Budget.Progress => "progress",
        Budget.StorageReports => "storage_reports",
        Budget.Sessions => "sessions",
        _ => "durable",
    };

    public static string Noun(Budget budget) => budget switch
    {
        Budget.LogLines => "log lines",
        Budget.Progress => "progress reports",
        Budget.StorageReports => "storage reports",
        Budget.Sessions => "new sessions and changes of its state",
        _ => "results and notices",
    };

    public static string Consequence(Budget budget) => budget switch
    {
        Budget.LogLines => "lines are left out, a jump in their numbers shows where; results are not touched",
        Budget.Progress => "some are left out",
        Budget.StorageReports => "some are left out, so that the catalogue of its snapshots is late",
        Budget.Sessions => "some are refused",
        _ => "results of its runs are kept without details and output; notices and runs that nobody knows of are left out",
    };

    private static string Limit(Budget budget) => budget switch
    {
        Budget.LogLines => $"{HostLimits.LinesPerSecond} lines and {Mebibytes(HostLimits.LineBytesPerSecond)} per second, "
            + $"{Mebibytes(HostLimits.WaitingLineBytesPerHost)} waiting",
        Budget.Progress => $"{HostLimits.ProgressPerSecond} per second",
        Budget.StorageReports => $"{Mebibytes(HostLimits.ReportBurst)} at once, {Mebibytes(HostLimits.ReportPerMinute)} per minute",
        Budget.Sessions => $"{HostLimits.SessionBurst} at once, {HostLimits.SessionsPerMinute} per minute",
        _ => $"{Mebibytes(HostLimits.DurableBurst)} at once, {Mebibytes(HostLimits.DurablePerMinute)} per minute, "
            + $"{Mebibytes(HostLimits.DurableStock)} and {Mebibytes(HostLimits.DurablePerDay)} per day in all",
    };

    private static string Mebibytes(long bytes) =>
        string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{bytes / (1024 * 1024)} MiB");
}
