using System.Collections.Concurrent;
using Fleet.Coordinator.State.Identity;
using Fleet.Coordinator.Storage;

namespace Fleet.Coordinator.Identity;

/// <summary>
/// Records when a credential was last used, to the minute: at most one write per operator and minute, and no call waits for it.
/// </summary>
internal sealed partial class OperatorUse(FleetStore store, ILogger<OperatorUse> log)
{
    private readonly ConcurrentDictionary<long, long> _minutes = new();

    public void Note(OperatorRow row, DateTimeOffset now)
    {
        var minute = now.ToUnixTimeSeconds() / 60;
        if ((_minutes.TryGetValue(row.OperatorId, out var noted) && noted >= minute)
            || row.LastUsedAt?.ToUnixTimeSeconds() / 60 >= minute)
        {
            return;
        }

        _minutes[row.OperatorId] = minute;
        _ = WriteAsync(row.OperatorId, DateTimeOffset.FromUnixTimeSeconds(minute * 60));
    }

    private async Task WriteAsync(long operatorId, DateTimeOffset at)
    {
        try
        {
            await store.WriteAsync(transaction => OperatorStore.SetLastUsed(transaction, operatorId, at));
        }
        catch (Exception exception)
        {
            UseNotNoted(log, exception);
        }
    }
}
