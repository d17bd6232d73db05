using Fleet.Coordinator.Clock;
using Fleet.Coordinator.Limits;
using Fleet.Coordinator.State.Audit;
using Fleet.Coordinator.Storage;

namespace Fleet.Coordinator.Audit;

/// <summary>Writes the audit log and keeps it bounded.</summary>
internal sealed partial class AuditLog(FleetStore store, TrustedClock trusted, TimeProvider clock, ILogger<AuditLog> log)
    : BackgroundService
{
    /// <summary>How long entries are kept, and at most how many.</summary>
    public static readonly TimeSpan Keep = TimeSpan.FromDays(730);
    public const long KeepEntries = 1_000_000;

    /// <summary>How many refused calls are recorded.</summary>
    public const int DeniedPerAddressAndMinute = 20;
    public const int DeniedPerMinute = 200;

    private readonly StrangerBudget _denied = new(DeniedPerAddressAndMinute, DeniedPerMinute, clock);

    private static readonly TimeSpan PruneInterval = TimeSpan.FromHours(1);

    /// <summary>Returns when the entry is durable.</summary>
    public Task RecordAsync(AuditRecord record) =>
        store.WriteAsync(transaction => AuditStore.Append(transaction, record));

    /// <summary>Like <see cref="RecordAsync"/>, within the bounds for what strangers can cause.</summary>
    public Task RecordDeniedAsync(AuditRecord record)
    {
        if (!_denied.TryTake(record.From, out var leftOut))
        {
            return Task.CompletedTask;
        }

        return RecordAsync(leftOut == 0
            ? record
            : record with { Detail = $"[{leftOut} refused calls before this one were not recorded] {record.Detail}" });
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(PruneInterval, clock);
        try
        {
            do
            {
                try
                {
                    // Always by number; by age only if the clock can be trusted.
                    var mayForget = await trusted.MayForgetAsync(stoppingToken);
                    while (await store.WriteAsync(
                            transaction =>
                                AuditStore.Prune(transaction, mayForget ? transaction.Now - Keep : DateTimeOffset.UnixEpoch, KeepEntries),
                            stoppingToken
                        ) > 0
                    ) { }
                }
                catch (Exception exception) when (exception is not OperationCanceledException)
                {
                    PruneFailed(log, exception);
                }
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // Stopping.
        }
    }
}
