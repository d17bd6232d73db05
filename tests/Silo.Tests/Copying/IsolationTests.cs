using System.Collections.Immutable;
using Orleans.Concurrency;
using Orleans.Runtime;
using Orleans.Serialization;

namespace Fleet.Silo.Tests.Copying;

public sealed class IsolationTests
{
    [Fact]
    public async Task Argument_ChangedByTheCallerAfterwards_IsNotChangedInTheGrain()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<IKeepingGrain>("a");
        var list = new List<Item> { new("one", [1, 2]) };

        await grain.Keep(list).Soon();
        list[0].Numbers[0] = 100;
        list.Add(new("two", []));

        var kept = Assert.Single(await grain.Kept().Soon());
        Assert.Equal([1, 2], kept.Numbers);
    }

    [Fact]
    public async Task Result_ChangedByTheCaller_IsNotChangedInTheGrain()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<IKeepingGrain>("b");
        await grain.Keep([new("one", [1, 2])]).Soon();

        var result = await grain.Kept().Soon();
        result[0].Numbers[0] = 100;
        result.Clear();

        Assert.Equal([1, 2], Assert.Single(await grain.Kept().Soon()).Numbers);
    }

    [Fact]
    public async Task Echo_OfEveryKindOfValue_ReturnsAnEqualOne()
    {
        await using var silo = await TestSilo.StartAsync();
        var everything = new Everything(
            "text", 1.5m, Kind.Second, new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(1)), null, ("a", 2))
        {
            Map = new Dictionary<string, List<int>>(StringComparer.OrdinalIgnoreCase) { ["A"] = [1] },
            Table = new int[,] { { 1, 2 }, { 3, 4 } },
            Jagged = [[1], [2, 3]],
            Immutable = [new("i", [9])],
            Memory = new byte[] { 1, 2, 3 },
            Inherited = new Derived { BaseValue = 1, DerivedValue = 2 },
            Interface = [new("x", [7])],
            Lazily = new Queue<string>(["q"]),
        };

        var echo = await silo.Grain<IKeepingGrain>("c").EchoEverything(everything).Soon();

        Assert.Equal("text", echo.Text);
        Assert.Equal(everything.When, echo.When);
        Assert.Equal(("a", 2), echo.Pair);
        Assert.Null(echo.Nothing);
        Assert.Equal([1], echo.Map!["a"]);
        Assert.NotSame(everything.Map, echo.Map);
        Assert.Equal(everything.Table, echo.Table);
        Assert.NotSame(everything.Table, echo.Table);
        Assert.Equal([2, 3], echo.Jagged![1]);
        Assert.NotSame(everything.Jagged[1], echo.Jagged[1]);
        Assert.Equal([9], echo.Immutable[0].Numbers);
        Assert.NotSame(everything.Immutable[0], echo.Immutable[0]);
        Assert.Equal([1, 2, 3], echo.Memory.ToArray());
        Assert.Equal((1, 2), (Assert.IsType<Derived>(echo.Inherited).BaseValue, ((Derived)echo.Inherited!).DerivedValue));
        Assert.Equal("x", Assert.Single(echo.Interface!).Name);
        Assert.Equal("q", Assert.Single(echo.Lazily!));
    }

    [Fact]
    public async Task Echo_OfASharedObjectAndACycle_KeepsTheirShape()
    {
        await using var silo = await TestSilo.StartAsync();
        var node = new Node { Name = "n" };
        node.Next = node;

        var echo = await silo.Grain<IKeepingGrain>("d").EchoNodes([node, node]).Soon();

        Assert.NotSame(node, echo[0]);
        Assert.Same(echo[0], echo[1]);
        Assert.Same(echo[0], echo[0].Next);
    }

    [Fact]
    public async Task Echo_OfATypeMarkedImmutable_SharesIt()
    {
        await using var silo = await TestSilo.StartAsync();
        var grain = silo.Grain<IKeepingGrain>("e");
        var value = new Frozen("text", [1]);
        var wrapped = new List<int> { 1 };

        Assert.Same(value, await grain.EchoFrozen(value).Soon());
        Assert.Same(wrapped, (await grain.EchoWrapped(wrapped.AsImmutable()).Soon()).Value);
    }

    [Fact]
    public async Task Member_SaidNotToBeSerialized_ArrivesAsItsDefault()
    {
        await using var silo = await TestSilo.StartAsync();

        var echo = await silo.Grain<IKeepingGrain>("f").EchoNode(new Node { Name = "n", Local = "here only" }).Soon();

        Assert.Equal("n", echo.Name);
        Assert.Null(echo.Local);
    }

    [Fact]
    public async Task Argument_OfAnUnmarkedTypeBehindAnInterface_IsRefused()
    {
        await using var silo = await TestSilo.StartAsync();

        var exception = Assert.Throws<CodecNotFoundException>(
            () => { _ = silo.Grain<IKeepingGrain>("g").EchoObject(new Unmarked()); });

        Assert.Contains(nameof(Unmarked), exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Argument_OfALazySequence_IsRefused()
    {
        await using var silo = await TestSilo.StartAsync();

        Assert.Throws<CodecNotFoundException>(
            () => { _ = silo.Grain<IKeepingGrain>("h").EchoSequence(new[] { 1, 2 }.Select(n => n + 1)); });
        Assert.Equal([2, 3], await silo.Grain<IKeepingGrain>("h").EchoSequence([2, 3]).Soon());
    }

    [Fact]
    public async Task Argument_ThatIsTheGrainItself_ArrivesAsAReference()
    {
        await using var silo = await TestSilo.StartAsync();

        var self = await silo.Grain<IKeepingGrain>("self").Self().Soon();

        Assert.IsAssignableFrom<GrainReference>(self);
        Assert.Equal("self", self.GetPrimaryKeyString());
    }
}

public enum Kind
{
    First,
    Second,
}

[GenerateSerializer]
public sealed record Item(string Name, List<int> Numbers);

[GenerateSerializer]
public sealed record Everything(string Text, decimal Amount, Kind Kind, DateTimeOffset When, int? Nothing, (string Name, int Count) Pair)
{
    [Id(0)]
    public Dictionary<string, List<int>>? Map { get; init; }

    [Id(1)]
    public int[,]? Table { get; init; }

    [Id(2)]
    public int[][]? Jagged { get; init; }

    [Id(3)]
    public ImmutableArray<Item> Immutable { get; init; }

    [Id(4)]
    public ReadOnlyMemory<byte> Memory { get; init; }

    [Id(5)]
    public Base? Inherited { get; init; }

    [Id(6)]
    public IReadOnlyList<Item>? Interface { get; init; }

    [Id(7)]
    public IEnumerable<string>? Lazily { get; init; }
}

[GenerateSerializer]
public abstract class Base
{
    [Id(0)]
    public int BaseValue { get; set; }
}

[GenerateSerializer]
public sealed class Derived : Base
{
    [Id(0)]
    public int DerivedValue { get; set; }
}

[GenerateSerializer]
public sealed class Node
{
    [Id(0)]
    public required string Name { get; set; }

    [Id(1)]
    public Node? Next { get; set; }

    [field: NonSerialized]
    public string? Local { get; set; }
}

[GenerateSerializer]
[Immutable]
public sealed record Frozen(string Text, IReadOnlyList<int> Numbers);

public sealed class Unmarked;

public interface IKeepingGrain : IGrainWithStringKey
{
    Task Keep(List<Item> items);

    Task<List<Item>> Kept();

    Task<Everything> EchoEverything(Everything everything);

    Task<Node[]> EchoNodes(Node[] nodes);

    Task<Node> EchoNode(Node node);

    Task<Frozen> EchoFrozen(Frozen value);

    Task<Immutable<List<int>>> EchoWrapped(Immutable<List<int>> value);

    Task<object> EchoObject(object value);

    Task<IEnumerable<int>> EchoSequence(IEnumerable<int> value);

    Task<IKeepingGrain> Self();
}

internal sealed class KeepingGrain : Grain, IKeepingGrain
{
    private List<Item> _items = [];

    public Task Keep(List<Item> items)
    {
        _items = items;
        return Task.CompletedTask;
    }

    public Task<List<Item>> Kept() => Task.FromResult(_items);

    public Task<Everything> EchoEverything(Everything everything) => Task.FromResult(everything);

    public Task<Node[]> EchoNodes(Node[] nodes) => Task.FromResult(nodes);

    public Task<Node> EchoNode(Node node) => Task.FromResult(node);

    public Task<Frozen> EchoFrozen(Frozen value) => Task.FromResult(value);

    public Task<Immutable<List<int>>> EchoWrapped(Immutable<List<int>> value) => Task.FromResult(value);

    public Task<object> EchoObject(object value) => Task.FromResult(value);

    public Task<IEnumerable<int>> EchoSequence(IEnumerable<int> value) => Task.FromResult(value);

    public Task<IKeepingGrain> Self() => Task.FromResult<IKeepingGrain>(this);
}
