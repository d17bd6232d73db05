using Fleet.Testing;

namespace Fleet.Agent.Tests;

/// <summary>That the tests of the rooms would notice: <see cref="RoomGraph"/> on a source of three rooms.</summary>
public sealed class RoomGraphTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("fleet-rooms-").FullName;

    public RoomGraphTests()
    {
        Write("Program.cs", "using House.Attic;");
        Write("Cellar/Wine.cs", "namespace House.Cellar;");
        Write("Kitchen/Stove.cs", "using House.Cellar;\n\nnamespace House.Kitchen;");
        Write("Attic/Box.cs", "namespace House.Attic;\n/// <see cref=\"Cellar.Wine\"/>\nclass Box : House.Kitchen.Stove;");
        Write("obj/Generated.cs", "using House.Attic;");
    }

    [Fact]
    public void NotAllowed_NamesFileAndRooms() =>
        Assert.Equal(
            ["Attic/Box.cs: Attic uses Kitchen"],
            Graph.NotAllowed([new("Kitchen", ["Cellar"], "cooks with wine"), new("Attic", [], "")]));

    [Fact]
    public void NotAllowed_SeesTypesThatAreNamedWithTheirRoom()
    {
        Write("Cellar/Stairs.cs", "namespace House.Cellar; class Stairs { object Up = Kitchen.Stove.New(); object Down = Attic.Length; }");

        Assert.Equal(
            ["Cellar/Stairs.cs: Cellar uses Kitchen"],
            Graph.NotAllowed([new("Kitchen", ["Cellar"], ""), new("Attic", ["Kitchen"], "")]));
    }

    [Fact]
    public void Rooms_AreFoldersWithSource() => Assert.Equal(["Attic", "Cellar", "Kitchen"], Graph.Rooms);

    [Fact]
    public void Cycle_WhereThereIsOne_IsNamed()
    {
        Assert.Null(Graph.Cycle());

        Write("Cellar/Stairs.cs", "using static House.Attic.Box;");

        Assert.Equal("Attic -> Kitchen -> Cellar -> Attic", Graph.Cycle());
    }

    [Fact]
    public void Cycle_BetweenFoldersOfOneRoom_IsNamedByTheirPaths()
    {
        Write("Cellar/Red/Glass.cs", "using House.Cellar.White;");
        Write("Cellar/White/Glass.cs", "using House.Cellar.Red;");

        Assert.Equal("Cellar/Red -> Cellar/White -> Cellar/Red", Graph.Cycle());
    }

    [Fact]
    public void Cycle_InATable_IsNamed() =>
        Assert.Equal("A -> B -> A", RoomGraph.Cycle([new("C", ["A"], ""), new("A", ["B"], ""), new("B", ["A"], "")]));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private RoomGraph Graph => new(_folder, "House");

    private void Write(string path, string source)
    {
        var file = Path.Join(_folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, source);
    }
}
