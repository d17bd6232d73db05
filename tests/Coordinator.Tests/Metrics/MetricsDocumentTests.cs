using System.Diagnostics.Metrics;
using Fleet.Coordinator.Meters;
using Fleet.Coordinator.Metrics;
using Fleet.Coordinator.Tests.Rig;
using Fleet.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Fleet.Coordinator.Tests.Metrics;

/// <summary>docs/metrics.md against the meters of the coordinator. What agents collect is Fleet.Agent.Tests' part.</summary>
public sealed class MetricsDocumentTests
{
    private const string Heading = "### The coordinator's own";

    [Fact]
    public async Task Document_AgainstTheMeters_NoInstrumentMissingNoneTooMany()
    {
        await using var coordinator = await TestCoordinator.StartAsync();
        Meter[] meters = [CoordinatorMeter.Meter, coordinator.Services.GetRequiredService<FleetGauges>().Meter];
        var instruments = new SortedSet<string>(StringComparer.Ordinal);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (meters.Contains(instrument.Meter))
                {
                    var type = MeterSeries.TypeOf(instrument);
                    instruments.Add($"{CoordinatorMetricsPage.NameOf(instrument, type)} {type}");
                }
            },
        };

        listener.Start();

        Assert.Equal(instruments, new SortedSet<string>(Rows(), StringComparer.Ordinal));
    }

    /// <summary>| `name` | kind | labels | meaning | to the end of the section: "name kind".</summary>
    private static IEnumerable<string> Rows() =>
        File.ReadLines(Path.Combine(Repository.Root, "docs/metrics.md"))
            .SkipWhile(static line => line != Heading)
            .Skip(1)
            .TakeWhile(static line => !line.StartsWith('#'))
            .Where(static line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(static line => line.Split('|', StringSplitOptions.TrimEntries))
            .Select(static cells => $"{cells[1].Trim('`')} {cells[2]}");
}
