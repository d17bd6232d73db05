using Fleet.Testing;

namespace Fleet.Coordinator.Tests;

/// <summary>What no formatter checks about the source of all programs.</summary>
public sealed class SourceLayoutTests
{
    private const int MaxColumns = 140;

    [Fact]
    public void Lines_OfAllPrograms_AreAtMost140Columns() => Assert.Empty(
        from file in Directory.EnumerateFiles(Path.Join(Repository.Root, "src"), "*.cs", SearchOption.AllDirectories)
        from line in File.ReadLines(file).Index()
        where line.Item.Length > MaxColumns
        select $"{file}:{line.Index + 1}: {line.Item.Length} columns");
}
