using System.Globalization;
using Fleet.Coordinator.State.Events;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Hosts;

/// <summary>Records what an agent had in its outbox and this coordinator will never get.</summary>
internal static class OutboxGaps
{
    /// <summary>How long it needs attention: long enough for somebody who looks once a day.</summary>
    public static readonly TimeSpan Shown = TimeSpan.FromHours(24);

    public static void Tell(StoreTransaction transaction, HostRow host, OutboxGap gap)
    {
        // The host was enrolled again, and reported as another identity before: nothing of this one is missing.
        var isNew = host.OutboxId.Length == 0;
        var detail = gap.To is { } to
            ? string.Create(
                CultureInfo.InvariantCulture, $"its entries {gap.From} to {to} were acknowledged before and will not come again")
            : "its outbox is a new one: what the old one held from entry "
                + gap.From.ToString(CultureInfo.InvariantCulture)
                + " on is gone";
        if (!isNew)
        {
            transaction.Execute(
                "UPDATE hosts SET outbox_gap_at = $now, outbox_gap_detail = $detail WHERE host_id = $id",
                ("$now", transaction.Now.ToColumn()),
                ("$detail", detail),
                ("$id", host.HostId));
        }

        EventAppender.Append(transaction, new NewEvent(
            EventTypes.HostOutboxGap,
            isNew ? EventSeverity.Info : EventSeverity.Error,
            isNew ? $"{host.Name} had reported to another identity before: {detail}" : $"results of {host.Name} may be missing: {detail}")
        {
            HostId = host.HostId,
            HostName = host.Name,
            Attributes = new Dictionary<string, string>
            {
                ["outbox_id"] = gap.OutboxId,
                ["from"] = gap.From.ToString(CultureInfo.InvariantCulture),
                ["to"] = gap.To?.ToString(CultureInfo.InvariantCulture) ?? "",
            },
        });
    }
}
