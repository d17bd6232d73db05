using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Storage;

namespace Fleet.Silo.Tests.Storage;

public sealed class PersistentStateTests
{
    [Fact]
    public async Task State_ThatWasWritten_IsThereAfterTheNextActivation()
    {
        await using var silo = await TestSilo.StartAsync(s => s.AddMemoryGrainStorage("named"));
        var grain = silo.Grain<IStoredGrain>("a");

        await grain.Remember("kept", write: true).Soon();
        await grain.Remember("lost", write: false).Soon();
        await grain.Finish().Soon();

        Assert.Equal(("kept", true), await grain.Recall().Soon());
        await grain.Forget().Soon();
        await grain.Finish().Soon();
        Assert.Equal((string.Empty, false), await grain.Recall().Soon());
    }

    [Fact]
    public async Task Write_AfterSomebodyElseWrote_IsRefused()
    {
        await using var silo = await TestSilo.StartAsync(s => s.AddMemoryGrainStorage("named"));
        var grain = silo.Grain<IStoredGrain>("raced");
        await grain.Remember("mine", write: true).Soon();
        var storage = silo.Host.Services.GetRequiredKeyedService<IGrainStorage>("named");
        var other = new GrainState<Memory>();
        await storage.ReadStateAsync("memory", grain.GetGrainId(), other);
        other.State.Text = "theirs";
        await storage.WriteStateAsync("memory", grain.GetGrainId(), other);

        await Assert.ThrowsAsync<InconsistentStateException>(() => grain.Remember("mine again", write: true).Soon());
    }

    [Fact]
    public async Task Storage_ThatIsNotRegistered_IsNamed()
    {
        await using var silo = await TestSilo.StartAsync();

        var exception = await Assert.ThrowsAnyAsync<Exception>(() => silo.Grain<IStoredGrain>("b").Recall().Soon());

        Assert.Contains("named", exception.Message, StringComparison.Ordinal);
    }
}

[GenerateSerializer]
public sealed class Memory
{
    [Id(0)]
    public string Text { get; set; } = string.Empty;
}

public interface IStoredGrain : IGrainWithStringKey
{
    Task Remember(string text, bool write);

    Task<(string Text, bool Exists)> Recall();

    Task Forget();

    Task Finish();
}

internal sealed class StoredGrain([PersistentState("memory", "named")] IPersistentState<Memory> memory) : Grain, IStoredGrain
{
    public Task Remember(string text, bool write)
    {
        memory.State.Text = text;
        return write ? memory.WriteStateAsync() : Task.CompletedTask;
    }

    public Task<(string Text, bool Exists)> Recall() => Task.FromResult((memory.State.Text, memory.RecordExists));

    public Task Forget() => memory.ClearStateAsync();

    public Task Finish()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
