using Orleans.Runtime;

namespace Fleet.Silo.Tests.References;

public sealed class ReferenceTests
{
    [Fact]
    public async Task GetGrain_OfAnInterfaceWithTwoClasses_NeedsAPrefix()
    {
        await using var silo = await TestSilo.StartAsync();

        var exception = Assert.Throws<ArgumentException>(() => silo.Grains.GetGrain<IShapeGrain>("a"));
        Assert.Contains(nameof(CircleGrain), exception.Message, StringComparison.Ordinal);
        Assert.Equal("circle", await silo.Grains.GetGrain<IShapeGrain>("a", typeof(CircleGrain).FullName!).Name().Soon());
    }

    [Fact]
    public async Task GetGrain_OfAnInterfaceWithoutAClass_IsRefused()
    {
        await using var silo = await TestSilo.StartAsync();

        Assert.Throws<ArgumentException>(() => silo.Grains.GetGrain<INobodysGrain>("a"));
    }

    [Fact]
    public async Task GetGrain_WithAnEmptyKey_IsRefused()
    {
        await using var silo = await TestSilo.StartAsync();

        Assert.Throws<ArgumentException>(() => silo.Grains.GetGrain<IShapeGrain>(" ", typeof(CircleGrain).FullName!));
    }

    [Fact]
    public async Task Identity_IsTheClasssNameAndTheKey()
    {
        await using var silo = await TestSilo.StartAsync();
        var circle = silo.Grains.GetGrain<IShapeGrain>("a/b", typeof(CircleGrain).FullName!);
        var square = silo.Grains.GetGrain<IShapeGrain>("a", typeof(SquareGrain).FullName!);

        Assert.Equal("circle/a/b", circle.GetGrainId().ToString());
        Assert.Equal(circle.GetGrainId(), GrainId.Parse("circle/a/b"));
        Assert.Equal("a/b", circle.GetPrimaryKeyString());
        Assert.Equal("four-sided/a", square.GetGrainId().ToString());
        Assert.Equal("square", await square.AsReference<IShapeGrain>().Name().Soon());
    }

    [Fact]
    public async Task GetGrain_ByGuidAndInteger_NamesTheSameGrainAgain()
    {
        await using var silo = await TestSilo.StartAsync();
        var guid = Guid.NewGuid();

        Assert.Equal(guid, silo.Grains.GetGrain<IGuidGrain>(guid).GetPrimaryKey());
        Assert.Equal(guid, await silo.Grains.GetGrain<IGuidGrain>(guid).Key().Soon());
        Assert.Equal(-7, silo.Grains.GetGrain<IIntegerGrain>(-7).GetPrimaryKeyLong());
        Assert.Equal(-7, await silo.Grains.GetGrain<IIntegerGrain>(-7).Key().Soon());
    }

    /// <summary>The values are xxHash32's published ones for seed 0, most significant byte last.</summary>
    [Theory]
    [InlineData("", 0x055DCC02u)]
    [InlineData("a", 0x56740D55u)]
    [InlineData("abc", 0xFF53D132u)]
    [InlineData("Nobody inspects the spammish repetition", 0x2F3B29E2u)]
    public void StableHash_OfAText_IsTheSameEverywhere(string text, uint expected) => Assert.Equal(expected, StableHash.ComputeHash(text));
}

public interface IShapeGrain : IGrainWithStringKey
{
    Task<string> Name();
}

internal sealed class CircleGrain : Grain, IShapeGrain
{
    public Task<string> Name() => Task.FromResult("circle");
}

[GrainType("four-sided")]
internal sealed class SquareGrain : Grain, IShapeGrain
{
    public Task<string> Name() => Task.FromResult("square");
}

public interface INobodysGrain : IGrainWithStringKey
{
    Task Idle();
}

public interface IGuidGrain : IGrainWithGuidKey
{
    Task<Guid> Key();
}

internal sealed class GuidGrain : Grain, IGuidGrain
{
    public Task<Guid> Key() => Task.FromResult(this.GetPrimaryKey());
}

public interface IIntegerGrain : IGrainWithIntegerKey
{
    Task<long> Key();
}

internal sealed class IntegerGrain : Grain, IIntegerGrain
{
    public Task<long> Key() => Task.FromResult(this.GetPrimaryKeyLong());
}
