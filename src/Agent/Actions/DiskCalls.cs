namespace Fleet.Agent.Actions;

/// <summary>Calls of the file system on a thread of their own and with a limit: a dying disk holds whoever touches it.</summary>
internal static class DiskCalls
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    /// <exception cref="TimeoutException">The disk does not answer.</exception>
    public static Task<T> OnDisk<T>(this ActionContext context, Func<T> work) =>
        Task.Factory.StartNew(
            work, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default)
            .WaitAsync(Limit, context.Time);

    /// <inheritdoc cref="OnDisk{T}"/>
    public static Task OnDisk(this ActionContext context, System.Action work) =>
        context.OnDisk(() =>
        {
            work();
            return true;
        });
}
