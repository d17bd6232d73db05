namespace Fleet.Coordinator.Grains;

/// <summary>For calls whose outcome does not matter, because something else makes up for a lost one.</summary>
internal static class FireAndForget
{
    /// <summary>Does not wait, and observes a failure so that it does not become an unobserved exception.</summary>
    public static void Forget(this Task task) =>
        task.ContinueWith(
            static failed => _ = failed.Exception,
            CancellationToken.None,
            TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
}
