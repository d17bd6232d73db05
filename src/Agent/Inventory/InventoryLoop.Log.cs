using Microsoft.Extensions.Logging;

namespace Fleet.Agent.Inventory;

internal sealed partial class InventoryLoop
{
    private readonly ILogger _logger = logger;

    [LoggerMessage(LogLevel.Debug, "Storage report {Generation} after {Milliseconds:F0} ms: {Pools} pool(s), {Groups} group(s), {Lists} "
        + "changed list(s) of snapshots, {Parts} message(s), {Problems} problem(s)")]
    private partial void LogReported(long generation, double milliseconds, int pools, int groups, int lists, int parts, int problems);

    [LoggerMessage(LogLevel.Error, "The inventory of ZFS and LVM failed because of a bug")]
    private partial void LogFailed(Exception exception);
}
