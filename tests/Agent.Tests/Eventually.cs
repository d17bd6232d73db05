namespace Fleet.Agent.Tests;

/// <summary>Waits for a condition that something else brings about, with a generous limit.</summary>
internal static class Eventually
{
    public static async Task TrueAsync(Func<bool> condition, string what)
    {
        for (var i = 0; i < 3000; i++)
        {
            if (condition())
            {
                return;
            }

            await Task.Yield();
            Thread.Sleep(10);
        }

        Assert.Fail($"never: {what}");
    }
}
