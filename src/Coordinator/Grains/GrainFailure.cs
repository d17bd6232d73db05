namespace Fleet.Coordinator.Grains;

/// <summary>Recognises how a call to a grain or an observer fails when the other side is gone or shutting down.</summary>
internal static class GrainFailure
{
    /// <summary>
    /// True if the call may have been lost and the callee did nothing wrong: no answer in time (as from an observer that is gone), a silo
    /// that is unavailable or refuses the message (both are <see cref="OrleansException"/>s), or a silo that is shutting down.
    /// </summary>
    public static bool IsUnreachable(Exception exception) =>
        exception is OrleansException or TimeoutException or OperationCanceledException;
}
