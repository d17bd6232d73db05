using System.Globalization;
using Fleet.Coordinator.State.Events;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Metrics;

/// <summary>Records facts about metrics in the event log. Nobody waits for that.</summary>
internal sealed partial class MetricEvents(FleetStore store, ILogger<MetricEvents> log)
{
    public void SeriesRefused(string hostId, string hostName, int refused, int held) => _ = AppendAsync(new NewEvent(
        EventTypes.MetricsSeriesRefused,
        EventSeverity.Warning,
        $"series of {hostName} were refused: it has {held} of at most {MetricBudget.StandardPerHost}, or their names break the rules")
    {
        HostId = hostId,
        HostName = hostName,
        Attributes = new Dictionary<string, string>
        {
            ["refused"] = refused.ToString(CultureInfo.InvariantCulture),
            ["held"] = held.ToString(CultureInfo.InvariantCulture),
        },
    });

    private async Task AppendAsync(NewEvent fact)
    {
        try
        {
            await store.WriteAsync(transaction => EventAppender.Append(transaction, fact));
        }
        catch (Exception exception)
        {
            NotRecorded(log, fact.Type, exception);
        }
    }
}
