using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Google.Protobuf;

namespace Fleet.Coordinator.State.Snapshots;

/// <summary>The table of what each host has in ZFS and LVM, as it last reported.</summary>
internal static class StorageStore
{
    public static void Put(StoreTransaction transaction, string hostId, StorageStock stock) =>
        transaction.Execute(
            """
            INSERT INTO storage_stocks (host_id, received_at, stock_proto) VALUES ($host, $now, $stock)
            ON CONFLICT (host_id) DO UPDATE SET received_at = $now, stock_proto = $stock
            """,
            ("$host", hostId),
            ("$now", transaction.Now.ToColumn()),
            ("$stock", stock.ToByteArray()));

    /// <summary>Null if it has never reported.</summary>
    public static (StorageStock Stock, DateTimeOffset ReceivedAt)? Find(StoreReader reader, string hostId)
    {
        var found = reader.First(
            "SELECT received_at, stock_proto FROM storage_stocks WHERE host_id = $host",
            static row => (At: row.Instant(0), Stock: (byte[])row.GetValue(1)),
            ("$host", hostId));
        return StoredMessage.Read(StorageStock.Parser, found.Stock) is { } stock ? (stock, found.At) : null;
    }
}
