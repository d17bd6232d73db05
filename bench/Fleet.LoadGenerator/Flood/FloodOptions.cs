namespace Fleet.LoadGenerator.Flood;

/// <summary>How hard to attack.</summary>
/// <param name="Program">The fleet-coordinator program.</param>
/// <param name="Phase">How long each way goes on.</param>
/// <param name="Rest">Pause after each, before memory is looked at again.</param>
/// <param name="Descriptors">LimitNOFILE of the coordinator.</param>
/// <param name="RefusedCalls">Calls without an identity that are refused.</param>
/// <param name="Streams">Calls with a large, slow message on each of three connections.</param>
internal sealed record FloodOptions(string Program, TimeSpan Phase, TimeSpan Rest, int Descriptors, int RefusedCalls, int Streams)
{
    /// <summary>What was found to bring a coordinator down that counts messages instead of bytes.</summary>
    public static FloodOptions Whole(string program, int seconds) =>
        new(program, TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(15), 1_024, 40_000, 100);

    /// <summary>Less of each, for a test that runs with every change.</summary>
    public static FloodOptions Short(string program) =>
        new(program, TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(1), 576, 2_000, 60);
}
