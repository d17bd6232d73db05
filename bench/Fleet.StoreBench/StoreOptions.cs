using System.Globalization;

namespace Fleet.StoreBench;

/// <summary>What is asked for on the command line.</summary>
internal sealed record StoreOptions(string Coordinator, string Directory, FillSize Size, int Rounds)
{
    public const string Help =
        """
        Fleet.StoreBench --coordinator PATH --directory DIR [--runs 1000000] [--events 5000000] [--hosts 100] [--rounds 7]

        Fills the store of a coordinator in DIR, unless it has one, starts the coordinator without its file in memory, and prints how long the start and every
        list call take. DIR stays, so that another build can be started on (a copy of) it.
        """;

    /// <returns>Null: it is not understood.</returns>
    public static StoreOptions? Parse(string[] arguments)
    {
        string coordinator = "", directory = "";
        long runs = 1_000_000, events = 5_000_000;
        int hosts = 100, rounds = 7;
        for (var i = 0; i < arguments.Length; i += 2)
        {
            var value = i + 1 < arguments.Length ? arguments[i + 1] : "";
            switch (arguments[i])
            {
                case "--coordinator": coordinator = Path.GetFullPath(value); break;
                case "--directory": directory = Path.GetFullPath(value); break;
                case "--runs" when long.TryParse(value, CultureInfo.InvariantCulture, out runs): break;
                case "--events" when long.TryParse(value, CultureInfo.InvariantCulture, out events): break;
                case "--hosts" when int.TryParse(value, CultureInfo.InvariantCulture, out hosts): break;
                case "--rounds" when int.TryParse(value, CultureInfo.InvariantCulture, out rounds): break;
                default: return null;
            }
        }

        return coordinator.Length == 0 || directory.Length == 0
            ? null
            : new StoreOptions(
                coordinator, directory, new FillSize(hosts, runs, events, runs / 5, runs / 3, TimeSpan.FromDays(85)), rounds);
    }
}
