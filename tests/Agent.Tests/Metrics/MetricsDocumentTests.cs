using System.Text.RegularExpressions;
using Fleet.Agent.Host;
using Fleet.Agent.Metrics;
using Fleet.Agent.Tools;

namespace Fleet.Agent.Tests.Metrics;

/// <summary>docs/metrics.md against what the program says.</summary>
public partial class MetricsDocumentTests
{
    private static readonly string[] Lines = File.ReadAllLines(Path.Join(AppContext.BaseDirectory, "Metrics", "metrics.md"));

    [Fact]
    public void Document_AgainstTheProgramsOwnStrings_NoMetricMissingNoneTooMany()
    {
        // Names are constants: the compiler puts them into the assembly as UTF-16.
        var assembly = File.ReadAllBytes(typeof(CollectorList).Assembly.Location);
        var inProgram = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var text in (string[])
                [System.Text.Encoding.Unicode.GetString(assembly), System.Text.Encoding.Unicode.GetString(assembly.AsSpan(1))])
        {
            inProgram.UnionWith(MetricName().Matches(text).Select(m => m.Value));
        }

        Assert.Equal(inProgram, new SortedSet<string>(Rows().Select(r => r.Name), StringComparer.Ordinal));
    }

    [Fact]
    public async Task Document_AgainstTheRealMachine_KindLabelsAndCollectorAgree()
    {
        var rows = Rows().ToDictionary(r => r.Name, StringComparer.Ordinal);
        foreach (var collector in CollectorList.Create(new HostPaths(), new ToolRunner(TimeProvider.System), TimeProvider.System))
        {
            var got = await Gathered.FromAsync(collector);
            foreach (var series in got.Series)
            {
                Assert.True(rows.TryGetValue(series.Name, out var row), $"{series.Name} is not in docs/metrics.md");
                Assert.Equal((collector.Name, series.Kind.ToString().ToLowerInvariant()), (row.Collector, row.Kind));
                Assert.Equal(row.Labels, string.Join(", ", series.Labels.Keys.Order(StringComparer.Ordinal)));
            }
        }
    }

    [Fact]
    public void Document_Collectors_AreThoseOfTheProgram()
    {
        var known = CollectorList.Create(new HostPaths(), new ToolRunner(TimeProvider.System), TimeProvider.System).Select(c => c.Name);
        Assert.Equal(known.Order(StringComparer.Ordinal), Rows().Select(r => r.Collector).Distinct().Order(StringComparer.Ordinal));
    }

    /// <summary>| `name` | kind | unit | labels | meaning | under a heading "### `collector`".</summary>
    private static IEnumerable<Row> Rows()
    {
        var collector = "";
        foreach (var line in Lines)
        {
            if (Heading().Match(line) is { Success: true } heading)
            {
                collector = heading.Groups[1].Value;
            }
            else if (line.StartsWith("## ", StringComparison.Ordinal))
            {
                collector = "";
            }
            else if (collector.Length > 0 && line.StartsWith("| `fleet_", StringComparison.Ordinal))
            {
                var cells = line.Split('|', StringSplitOptions.TrimEntries);
                yield return new Row(cells[1].Trim('`'), cells[2], cells[4].Replace("`", "", StringComparison.Ordinal), collector);
            }
        }
    }

    [GeneratedRegex("fleet_[a-z0-9_]+")]
    private static partial Regex MetricName();

    [GeneratedRegex("^### `([a-z-]+)`")]
    private static partial Regex Heading();

    private readonly record struct Row(string Name, string Kind, string Labels, string Collector);
}
