namespace Orleans.Runtime;

/// <summary>Which activation's turn runs on this thread.</summary>
internal static class RuntimeContext
{
    [ThreadStatic]
    private static IGrainContext? _current;

    public static IGrainContext? Current => _current;

    /// <summary>Enters an activation's turn.</summary>
    /// <returns>What to give back to <see cref="Exit"/>.</returns>
    public static IGrainContext? Enter(IGrainContext context)
    {
        var previous = _current;
        _current = context;
        return previous;
    }

    public static void Exit(IGrainContext? previous) => _current = previous;
}
