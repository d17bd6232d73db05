namespace Fleet.Coordinator.Grains;

/// <summary>How a call to a grain or to an observer fails when the other side is gone, or is going.</summary>
internal static class GrainFailure
{
    /// <summary>
    /// True where the call may have been lost and the callee did nothing wrong: no answer in time (what a call to an observer that is gone
    /// ends with), a silo that is unavailable or refuses the message (both are <see cref="OrleansException"/>s), or a silo that is shutting
    /// down.
    /// </summary>
    public static bool IsUnreachable(Exception exception) =>
        exception is OrleansException or TimeoutException or OperationCanceledException;
}
