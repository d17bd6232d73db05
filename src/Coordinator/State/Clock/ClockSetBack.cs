using Fleet.Coordinator.State.Hosts;
using Fleet.Coordinator.State.Policies;
using Fleet.Coordinator.State.Runs;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.Edge;

namespace Fleet.Coordinator.State.Clock;

/// <summary>
/// Corrects what a clock that was ahead has left in the future, once it is set back. Until that time comes, a success there would count as
/// fresh, a pause would not end, and a host that left would not be missed. Instants that only record what happened are not changed.
/// </summary>
internal static class ClockSetBack
{
    /// <summary>Changes nothing that does not lie ahead.</summary>
    public static void Repair(StoreTransaction transaction)
    {
        ProtectionStore.EndAtNow(transaction);
        HostStore.EndAtNow(transaction);
        RunStore.EndPausesAfter(transaction, transaction.Now + PolicyLimits.LongestBackoff);
    }
}
