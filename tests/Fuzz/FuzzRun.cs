using System.Globalization;

namespace Fleet.Testing.Fuzz;

/// <summary>
/// How much one run sends and with which seed: FLEET_FUZZ_MESSAGES (of all fuzz tests together, 110,000 without it) and FLEET_FUZZ_SEED
/// (another one each time without it). The seed is printed, so that what is found can be found again.
/// </summary>
internal static class FuzzRun
{
    public static int Messages { get; } = Number("FLEET_FUZZ_MESSAGES") ?? 110_000;

    public static int Seed { get; } = Number("FLEET_FUZZ_SEED") ?? Random.Shared.Next();

    public static void Print(string what) =>
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"fuzz: {what}, FLEET_FUZZ_SEED={Seed}"));

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}
