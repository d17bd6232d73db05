using System.Diagnostics;

namespace Fleet.Coordinator.Tests.Rig;

/// <summary>Waits for conditions, with a generous limit that only a broken product reaches.</summary>
internal static class Eventually
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static async Task<T> GetAsync<T>(Func<Task<T>> read, Func<T, bool> until, string what)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            var value = await read();
            if (until(value))
            {
                return value;
            }

            Assert.True(watch.Elapsed < Limit, $"{what} did not come true within {Limit}; the newest value: {value}");
            await Task.Yield();
            Thread.Sleep(5);
        }
    }
}
