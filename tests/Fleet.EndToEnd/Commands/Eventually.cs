namespace Fleet.EndToEnd.Commands;

/// <summary>Waits for a state of the machines that nothing announces: asks again and again, within a limit.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(300);

    /// <summary>The first answer of <paramref name="ask"/> that is not null.</summary>
    /// <param name="what">What is waited for, for the message.</param>
    /// <param name="timeout">When to give up.</param>
    /// <param name="ask">Answers null while the state is not reached.</param>
    /// <param name="explain">Gathers what a reader of the failure wants to see.</param>
    /// <exception cref="TimeoutException">The state was not reached in time.</exception>
    public static async Task<T> GetAsync<T>(string what, TimeSpan timeout, Func<Task<T?>> ask, Func<Task<string>>? explain = null)
        where T : class
    {
        using var timer = new PeriodicTimer(Interval);
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            if (await ask() is { } answer)
            {
                return answer;
            }

            if (TimeProvider.System.GetElapsedTime(started) > timeout)
            {
                var detail = explain is null ? "" : "\n" + await explain();
                throw new TimeoutException($"not within {timeout.TotalSeconds:0} s: {what}{detail}");
            }

            await timer.WaitForNextTickAsync();
        }
    }

    /// <summary>Waits until <paramref name="holds"/> does.</summary>
    public static Task HoldsAsync(string what, TimeSpan timeout, Func<Task<bool>> holds, Func<Task<string>>? explain = null) =>
        GetAsync(what, timeout, async () => await holds() ? "yes" : null, explain);
}
