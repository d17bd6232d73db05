using Fleet.Coordinator.State.Hosts;
using Fleet.Coordinator.State.Policies;
using Fleet.Coordinator.State.Runs;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.Edge;

namespace Fleet.Coordinator.State.Clock;

/// <summary>
/// What a clock that was ahead left in the future, once it is set back: a success there would count as fresh, a pause would not end, a host
/// that left would not be missed, until that time comes. Instants that only tell what happened stay as they are.
/// </summary>
internal static class ClockSetBack
{
    /// <summary>Changes nothing where nothing lies ahead.</summary>
    public static void Repair(StoreTransaction transaction)
    {
        ProtectionStore.EndAtNow(transaction);
        HostStore.EndAtNow(transaction);
        RunStore.EndPausesAfter(transaction, transaction.Now + PolicyLimits.LongestBackoff);
    }
}
