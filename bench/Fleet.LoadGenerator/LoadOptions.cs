using System.Globalization;

namespace Fleet.LoadGenerator;

/// <summary>What to simulate. Read from the command line; see <see cref="Help"/>.</summary>
internal sealed record LoadOptions
{
    public const string Help = """
        Loads a real fleet-coordinator with simulated agents that speak the real protocol, and prints figures.

        Usage: Fleet.LoadGenerator --coordinator PATH [OPTIONS]

          --coordinator PATH   the fleet-coordinator program to start and to measure
          --agents N           simulated agents (default 1000)
          --series N           metric series per agent (default 100)
          --interval SECONDS   pause between an agent's metric batches (default 10)
          --seconds N          how long the steady load is measured (default 60)
          --notices N          events that each agent appends in the event measurement (default 20)
          --subscribers N      subscribers of the fan-out measurement (default 100)
          --prometheus PATH    the steady load also beside this Prometheus, which scrapes the same number of targets and
                               series at the same time
          --flood              instead of all this: attack it, each way for --seconds, and print memory, size of the
                               database, and how long results of another host take

        Example:
          Fleet.LoadGenerator --coordinator artifacts/bin/Fleet.Coordinator/release/fleet-coordinator --agents 200 --seconds 30
        """;

    public required string Coordinator { get; init; }

    public int Agents { get; init; } = 1000;

    public int Series { get; init; } = 100;

    public int IntervalSeconds { get; init; } = 10;

    public int MeasureSeconds { get; init; } = 60;

    public int Notices { get; init; } = 20;

    public int Subscribers { get; init; } = 100;

    /// <summary>The program; null: without a peer.</summary>
    public string? Prometheus { get; init; }

    public bool Flood { get; init; }

    /// <returns>Null, with a message on standard error, when the arguments are not understood.</returns>
    public static LoadOptions? Parse(string[] arguments)
    {
        Dictionary<string, string> values = [];
        var flood = arguments.Contains("--flood");
        arguments = [.. arguments.Where(static argument => argument != "--flood")];
        for (var i = 0; i < arguments.Length; i += 2)
        {
            if (!arguments[i].StartsWith("--", StringComparison.Ordinal) || i + 1 == arguments.Length)
            {
                Console.Error.WriteLine($"not understood: {arguments[i]}\n\n{Help}");
                return null;
            }

            values[arguments[i][2..]] = arguments[i + 1];
        }

        if (!values.TryGetValue("coordinator", out var coordinator) || !File.Exists(coordinator))
        {
            Console.Error.WriteLine($"--coordinator must name the fleet-coordinator program\n\n{Help}");
            return null;
        }

        int Number(string name, int otherwise) =>
            values.TryGetValue(name, out var text) ? int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture) : otherwise;

        return new LoadOptions
        {
            Coordinator = Path.GetFullPath(coordinator),
            Agents = Number("agents", 1000),
            Series = Number("series", 100),
            IntervalSeconds = Number("interval", 10),
            MeasureSeconds = Number("seconds", flood ? 12 : 60),
            Notices = Number("notices", 20),
            Subscribers = Number("subscribers", 100),
            Prometheus = values.TryGetValue("prometheus", out var prometheus) ? Path.GetFullPath(prometheus) : null,
            Flood = flood,
        };
    }
}
