using Orleans.Runtime;
using Orleans.Serialization;

namespace Fleet.Silo.Tests.Copying;

/// <summary>
/// What Orleans' compiler and serializer would refuse, refused when an interface is first used. Observers stand for all here: a
/// grain interface that breaks a rule keeps the silo from starting.
/// </summary>
public sealed class InterfaceRuleTests
{
    [Fact]
    public Task Parameter_OfAnUnmarkedType_IsRefused() => RefusedAsync<IUnmarkedParameter>(nameof(Plain), "Take", "GenerateSerializer");

    [Fact]
    public Task Result_WithAnUnmarkedTypeInside_IsRefused() => RefusedAsync<IUnmarkedResult>(nameof(Plain), nameof(Outer), "Inner");

    [Fact]
    public Task Member_WithoutAnId_IsRefused() => RefusedAsync<IForgottenId>(nameof(WithoutId), "Forgotten", "ORLEANS0004");

    [Fact]
    public Task Member_WithAnIdUsedTwice_IsRefused() => RefusedAsync<IDoubleId>(nameof(WithDoubleId), "Id(0)");

    [Fact]
    public Task Method_ThatReturnsNoTask_IsRefused() => RefusedAsync<INoTask>("Count", "ValueTask<T>");

    [Fact]
    public Task Parameter_ByReference_IsRefused() => RefusedAsync<IByReference>("value", "ref");

    [Fact]
    public Task Property_IsRefused() => RefusedAsync<IWithProperty>("properties");

    [Fact]
    public Task Member_WithAnIdAndNothingKept_IsRefused() => RefusedAsync<IComputedId>(nameof(WithComputedId.Whole));

    [Fact]
    public async Task Argument_OfAPrivateType_IsRefused()
    {
        await using var silo = await TestSilo.StartAsync();
        var reference = silo.Grains.GetGrain<Enclosing.ITakesHidden>(GrainId.Create("sys.client", "x"));

        var exception = Assert.Throws<CodecNotFoundException>(() => { _ = reference.Take(Enclosing.MakeHidden()); });

        Assert.Contains("private", exception.Message, StringComparison.Ordinal);
    }

    private static async Task RefusedAsync<T>(params string[] expected)
        where T : class, IGrainObserver
    {
        await using var silo = await TestSilo.StartAsync();

        var exception = Assert.Throws<OrleansConfigurationException>(
            () => silo.Grains.GetGrain<T>(GrainId.Create("sys.client", "x")));

        Assert.All(expected, e => Assert.Contains(e, exception.Message, StringComparison.Ordinal));
    }
}

public sealed class Plain;

[GenerateSerializer]
public sealed record Outer([property: Id(0)] List<Plain> Inner);

[GenerateSerializer]
public sealed class WithoutId
{
    [Id(0)]
    public int Kept { get; set; }

    public int Forgotten { get; set; }
}

[GenerateSerializer]
public sealed class WithDoubleId
{
    [Id(0)]
    public int One { get; set; }

    [Id(0)]
    public int Two { get; set; }
}

public interface IUnmarkedParameter : IGrainObserver
{
    Task Take(Plain plain);
}

public interface IUnmarkedResult : IGrainObserver
{
    Task<Outer> Give();
}

public interface IForgottenId : IGrainObserver
{
    Task Take(WithoutId value);
}

public interface IDoubleId : IGrainObserver
{
    Task Take(WithDoubleId value);
}

public interface INoTask : IGrainObserver
{
    int Count();
}

public interface IByReference : IGrainObserver
{
    Task Take(ref int value);
}

public interface IWithProperty : IGrainObserver
{
    Task Ready { get; }
}

public sealed class Enclosing
{
    [GenerateSerializer]
    private sealed record Hidden(int Value);

    internal interface ITakesHidden : IGrainObserver
    {
        Task Take(object anything);
    }

    public static object MakeHidden() => new Hidden(1);
}

[GenerateSerializer]
public sealed class WithComputedId
{
    [Id(0)]
    public int Half { get; set; }

    [Id(1)]
    public int Whole => Half * 2;
}

public interface IComputedId : IGrainObserver
{
    Task Take(WithComputedId value);
}
