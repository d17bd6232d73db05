namespace Fleet.Testing;

/// <summary>Waits for a state that nothing announces: asks again and again, within a limit that only a broken product reaches.</summary>
public static class Eventually
{
    /// <summary>For what happens in this process or beside it.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <summary>Between questions to other machines, each of which starts a process.</summary>
    private static readonly TimeSpan LongPause = TimeSpan.FromMilliseconds(300);

    /// <summary>Waits until a condition holds.</summary>
    /// <param name="what">What is waited for, for the message.</param>
    /// <exception cref="TimeoutException">It does not hold within <see cref="Limit"/>.</exception>
    public static Task TrueAsync(Func<bool> condition, string what) =>
        GetAsync(() => Task.FromResult(condition()), static holds => holds, what);

    /// <summary>The first value that is as wanted.</summary>
    /// <param name="what">What is waited for, for the message.</param>
    /// <exception cref="TimeoutException">There is none within <see cref="Limit"/>; the message has the newest value.</exception>
    public static Task<T> GetAsync<T>(Func<Task<T>> read, Func<T, bool> until, string what) =>
        WaitAsync(read, until, what, Limit, Pause, static value => Task.FromResult($"; the newest value: {value}"));

    /// <summary>The first answer that is not null.</summary>
    /// <param name="what">What is waited for, for the message.</param>
    /// <param name="explain">Gathers what a reader of the failure wants to see.</param>
    /// <exception cref="TimeoutException">There is none within the limit.</exception>
    public static async Task<T> GetAsync<T>(string what, TimeSpan limit, Func<Task<T?>> ask, Func<Task<string>>? explain = null)
        where T : class =>
        (await WaitAsync(
            ask, static answer => answer is not null, what, limit, LongPause, async _ => explain is null ? "" : $"\n{await explain()}"))!;

    /// <summary>Waits until <paramref name="holds"/> does.</summary>
    /// <inheritdoc cref="GetAsync{T}(string, TimeSpan, Func{Task{T}}, Func{Task{string}})"/>
    public static Task HoldsAsync(string what, TimeSpan limit, Func<Task<bool>> holds, Func<Task<string>>? explain = null) =>
        GetAsync(what, limit, async () => await holds() ? "yes" : null, explain);

    private static async Task<T> WaitAsync<T>(
        Func<Task<T>> read, Func<T, bool> until, string what, TimeSpan limit, TimeSpan pause, Func<T, Task<string>> explain)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var value = await read();
            if (until(value))
            {
                return value;
            }

            if (TimeProvider.System.GetElapsedTime(started) > limit)
            {
                throw new TimeoutException($"not within {limit.TotalSeconds:0} s: {what}{await explain(value)}");
            }

            await Task.Delay(pause, TimeProvider.System);
        }
    }
}
