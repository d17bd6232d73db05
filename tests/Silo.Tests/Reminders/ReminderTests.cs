using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;

namespace Fleet.Silo.Tests.Reminders;

public sealed class ReminderTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Reminder_WhenDue_CallsItsGrainEveryPeriod()
    {
        await using var silo = await TestSilo.StartAsync(s => s.UseInMemoryReminderService());
        var grain = silo.Grain<IRemindedGrain>("periodic");
        await grain.Register("wake", Minute, 2 * Minute).Soon();

        silo.Time.Advance(Minute);
        await Waiting.UntilAsync(() => RemindedGrain.Count("periodic") == 1);

        // The next tick is armed some time after the first one ended: the clock goes on until it comes.
        await Waiting.UntilAsync(() =>
        {
            silo.Time.Advance(TimeSpan.FromSeconds(10));
            return RemindedGrain.Count("periodic") >= 2;
        });

        var (name, status) = RemindedGrain.Last("periodic");
        Assert.Equal("wake", name);
        Assert.Equal(2 * Minute, status.Period);
        Assert.True(status.CurrentTickTime > status.FirstTickTime);
        Assert.Equal(0, (status.CurrentTickTime - status.FirstTickTime).Ticks % status.Period.Ticks);
        Assert.Equal(DateTimeKind.Utc, status.FirstTickTime.Kind);
    }

    [Fact]
    public async Task Reminder_AfterARestartWithADurableTable_BringsItsGrainToLife()
    {
        var table = new DurableTable();
        await using (var silo = await TestSilo.StartAsync(s => Configure(s, table)))
        {
            await silo.Grain<IRemindedGrain>("restarted").Register("wake", 10 * Minute, 10 * Minute).Soon();
        }

        await using var next = await TestSilo.StartAsync(s => Configure(s, table));
        Assert.Equal(0, RemindedGrain.Count("restarted"));
        next.Time.Advance(10 * Minute);

        await Waiting.UntilAsync(() => RemindedGrain.Count("restarted") == 1);
        Assert.Equal(2, table.Starts);
    }

    [Fact]
    public async Task Reminder_ThatFellDueWhileThereWasNoSilo_WaitsForItsNextPeriod()
    {
        var table = new DurableTable();
        var time = new Fleet.Testing.FakeTimeProvider();
        await using (var silo = await TestSilo.StartAsync(s => Configure(s, table), time))
        {
            await silo.Grain<IRemindedGrain>("missed").Register("wake", Minute, 10 * Minute).Soon();
        }

        time.Advance(5 * Minute);
        await using var next = await TestSilo.StartAsync(s => Configure(s, table), time);

        // A tick that came at the start would be handled before these.
        for (var i = 0; i < 20; i++)
        {
            await next.Grain<IRemindedGrain>("missed").Names().Soon();
        }

        time.Advance(5 * Minute);
        Assert.Equal(0, RemindedGrain.Count("missed"));
        time.Advance(Minute);

        await Waiting.UntilAsync(() => RemindedGrain.Count("missed") == 1);
        var (_, status) = RemindedGrain.Last("missed");
        Assert.Equal(status.FirstTickTime + (10 * Minute), status.CurrentTickTime);
    }

    [Fact]
    public async Task Unregister_AReminder_EndsItForGood()
    {
        await using var silo = await TestSilo.StartAsync(s => s.UseInMemoryReminderService());
        var grain = silo.Grain<IRemindedGrain>("unregistered");
        await grain.Register("wake", Minute, Minute).Soon();
        Assert.Equal(["wake"], await grain.Names().Soon());

        await grain.Unregister("wake").Soon();
        silo.Time.Advance(5 * Minute);

        Assert.Empty(await grain.Names().Soon());
        Assert.Equal(0, RemindedGrain.Count("unregistered"));
    }

    [Fact]
    public async Task Register_TheSameNameAgain_ReplacesTheTimes()
    {
        await using var silo = await TestSilo.StartAsync(s => s.UseInMemoryReminderService());
        var grain = silo.Grain<IRemindedGrain>("replaced");
        await grain.Register("wake", Minute, Minute).Soon();
        await grain.Register("wake", 10 * Minute, 10 * Minute).Soon();

        silo.Time.Advance(9 * Minute);
        Assert.Equal(0, RemindedGrain.Count("replaced"));
        silo.Time.Advance(Minute);

        await Waiting.UntilAsync(() => RemindedGrain.Count("replaced") == 1);
    }

    [Fact]
    public async Task Register_WithAPeriodBelowTheMinimum_IsRefused()
    {
        await using var silo = await TestSilo.StartAsync(s => s.UseInMemoryReminderService());

        var exception = await Assert.ThrowsAsync<ArgumentException>(
            () => silo.Grain<IRemindedGrain>("short").Register("wake", Minute, TimeSpan.FromSeconds(59)).Soon());

        Assert.Contains("minimum", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithoutATable_SaysWhatIsMissing()
    {
        var silo = TestSilo.Build(s => s.AddReminders());

        var exception = await Assert.ThrowsAsync<OrleansConfigurationException>(
            () => silo.Host.StartAsync(TestContext.Current.CancellationToken));

        Assert.Contains(nameof(IReminderTable), exception.Message, StringComparison.Ordinal);
        silo.Host.Dispose();
    }

    private static void Configure(ISiloBuilder silo, IReminderTable table)
    {
        silo.AddReminders();
        silo.Services.AddSingleton(table);
    }
}

/// <summary>A table that outlives its silo, as a database does.</summary>
internal sealed class DurableTable : IReminderTable
{
    private readonly Dictionary<(GrainId, string), ReminderEntry> _rows = [];
    private int _version;

    public int Starts { get; private set; }

    public Task StartAsync(CancellationToken cancellationToken = default)
    {
        Starts++;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken = default) => Task.CompletedTask;

    [Obsolete("Implement and use StartAsync instead")]
    public Task Init() => Task.CompletedTask;

    public Task<ReminderTableData> ReadRows(GrainId grainId) =>
        Task.FromResult(new ReminderTableData(_rows.Values.Where(r => r.GrainId == grainId)));

    public Task<ReminderTableData> ReadRows(uint begin, uint end) => Task.FromResult(new ReminderTableData(_rows.Values));

    public Task<ReminderEntry?> ReadRow(GrainId grainId, string reminderName) =>
        Task.FromResult<ReminderEntry?>(_rows.GetValueOrDefault((grainId, reminderName)));

    public Task<string?> UpsertRow(ReminderEntry entry)
    {
        entry.ETag = $"{++_version}";
        _rows[(entry.GrainId, entry.ReminderName)] = entry;
        return Task.FromResult<string?>(entry.ETag);
    }

    public Task<bool> RemoveRow(GrainId grainId, string reminderName, string eTag) => Task.FromResult(_rows.Remove((grainId, reminderName)));

    public Task TestOnlyClearTable()
    {
        _rows.Clear();
        return Task.CompletedTask;
    }
}

public interface IRemindedGrain : IGrainWithStringKey
{
    Task Register(string name, TimeSpan dueTime, TimeSpan period);

    Task Unregister(string name);

    Task<List<string>> Names();
}

internal sealed class RemindedGrain : Grain, IRemindedGrain, IRemindable
{
    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, List<(string, TickStatus)>> Ticks = new();

    public static int Count(string key) => Ticks.GetValueOrDefault(key)?.Count ?? 0;

    public static (string Name, TickStatus Status) Last(string key) => Ticks[key][^1];

    public Task Register(string name, TimeSpan dueTime, TimeSpan period) => this.RegisterOrUpdateReminder(name, dueTime, period);

    public async Task Unregister(string name) =>
        await this.UnregisterReminder(await this.GetReminder(name) ?? throw new InvalidOperationException("no such reminder"));

    public async Task<List<string>> Names() => [.. (await this.GetReminders()).Select(r => r.ReminderName)];

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        Ticks.GetOrAdd(this.GetPrimaryKeyString(), _ => []).Add((reminderName, status));
        return Task.CompletedTask;
    }
}
