using Fleet.Protocol.V1;
using Fleet.Testing;
using Google.Protobuf.Reflection;

namespace Fleet.Coordinator.Tests.Examples;

/// <summary>docs/api.md against proto/fleet/v1.</summary>
public sealed class ApiDocumentTests
{
    private static readonly FileDescriptor[] Files =
        [FleetReflection.Descriptor, EventReflection.Descriptor, AdminReflection.Descriptor, AgentReflection.Descriptor];

    [Fact]
    public void Document_Services_NamesEachWithAllItsMethods()
    {
        var services = Files.SelectMany(static f => f.Services).ToDictionary(
            static s => s.Name, static s => s.Methods.Select(static m => m.Name).Order(StringComparer.Ordinal).ToList());

        Assert.Equal(services, Rows());
    }

    [Fact]
    public void Document_Services_AreThoseOfTheProtoFolder() =>
        Assert.Equal(
            Directory.EnumerateFiles(Path.Combine(Repository.Root, "proto/fleet/v1"))
                .SelectMany(File.ReadLines).Count(static line => line.StartsWith("service ", StringComparison.Ordinal)),
            Files.Sum(static f => f.Services.Count));

    /// <summary>| `service` | `method`, `method`: more |.</summary>
    private static Dictionary<string, List<string>> Rows() =>
        File.ReadLines(Path.Combine(Repository.Root, "docs/api.md"))
            .SkipWhile(static line => line != "| service | methods |")
            .Skip(2)
            .TakeWhile(static line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(static line => line.Split('|', StringSplitOptions.TrimEntries))
            .ToDictionary(
                static cells => cells[1].Trim('`'),
                static cells => cells[2].Split(':')[0].Split(", ").Select(static m => m.Trim('`')).Order(StringComparer.Ordinal).ToList());
}
