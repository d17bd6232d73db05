using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Timers;

namespace Orleans.Reminders;

/// <summary>Keeps the table's reminders ticking while the silo runs. One silo is responsible for all of them.</summary>
internal sealed partial class LocalReminderService(
    IServiceProvider services,
    IGrainFactory grains,
    IOptions<ReminderOptions> options,
    TimeProvider time,
    ILogger<LocalReminderService> logger) : IReminderRegistry
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(GrainId Grain, string Name), LocalReminder> _reminders = [];
    private IReminderTable? _table;
    private ITimer? _refresh;
    private long _changes;
    private bool _running;

    private IReminderTable Table => _table ?? throw new ReminderException("The reminder service has not started.");

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _table = services.GetService<IReminderTable>() ?? throw new OrleansConfigurationException(
            "Reminders are configured without a table: register an IReminderTable, or call UseInMemoryReminderService().");
        await _table.StartAsync(cancellationToken).WaitAsync(options.Value.InitializationTimeout, time, cancellationToken);
        _running = true;
        await RefreshAsync();
        var period = options.Value.RefreshReminderListPeriod;
        using (ExecutionContext.SuppressFlow())
        {
            _refresh = time.CreateTimer(static self => _ = ((LocalReminderService)self!).RefreshSafelyAsync(), this, period, period);
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _refresh?.Dispose();
        LocalReminder[] all;
        lock (_gate)
        {
            _running = false;
            all = [.. _reminders.Values];
            _reminders.Clear();
        }

        foreach (var reminder in all)
        {
            reminder.Dispose();
        }

        if (_table is not null)
        {
            await _table.StopAsync(cancellationToken);
        }
    }

    public async Task<IGrainReminder> RegisterOrUpdateReminder(GrainId callingGrainId, string reminderName, TimeSpan dueTime, TimeSpan period)
    {
        if (dueTime < TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(nameof(dueTime), dueTime, "Cannot use negative or infinite dueTime to create a reminder");
        }

        if (period < TimeSpan.Zero)
        {
            throw new ArgumentOutOfRangeException(nameof(period), period, "Cannot use negative or infinite period to create a reminder");
        }

        if (period < options.Value.MinimumReminderPeriod)
        {
            throw new ArgumentException(
                $"Cannot register reminder {reminderName} as requested period ({period}) is less than minimum allowed reminder period "
                + $"({options.Value.MinimumReminderPeriod})",
                nameof(period));
        }

        var entry = new ReminderEntry
        {
            GrainId = callingGrainId,
            ReminderName = reminderName,
            StartAt = time.GetUtcNow().UtcDateTime + dueTime,
            Period = period,
        };
        entry.ETag = await Table.UpsertRow(entry)
            ?? throw new ReminderException($"Could not register reminder {reminderName} of {callingGrainId}: the table returned no version.");
        Begin(entry);
        return entry.ToIGrainReminder();
    }

    public async Task UnregisterReminder(GrainId callingGrainId, IGrainReminder reminder)
    {
        var data = (ReminderData)reminder;
        if (!await Table.RemoveRow(data.GrainId, data.ReminderName, data.ETag))
        {
            throw new ReminderException(
                $"Could not unregister reminder {data.ReminderName} of {data.GrainId} with version {data.ETag}: it was changed or removed.");
        }

        End((data.GrainId, data.ReminderName));
    }

    public async Task<IGrainReminder?> GetReminder(GrainId callingGrainId, string reminderName) =>
        (await Table.ReadRow(callingGrainId, reminderName))?.ToIGrainReminder();

    public async Task<List<IGrainReminder>> GetReminders(GrainId callingGrainId) =>
        [.. (await Table.ReadRows(callingGrainId)).Reminders.Select(r => r.ToIGrainReminder())];

    private void Begin(ReminderEntry entry)
    {
        LocalReminder? previous;
        LocalReminder next;
        lock (_gate)
        {
            if (!_running)
            {
                return;
            }

            _changes++;
            var key = (entry.GrainId, entry.ReminderName);
            previous = _reminders.GetValueOrDefault(key);
            _reminders[key] = next = new LocalReminder(entry, time, TickAsync);
        }

        previous?.Dispose();
        next.Start();
    }

    private void End((GrainId Grain, string Name) key)
    {
        LocalReminder? reminder;
        lock (_gate)
        {
            _changes++;
            _reminders.Remove(key, out reminder);
        }

        reminder?.Dispose();
    }

    private async Task RefreshSafelyAsync()
    {
        try
        {
            await RefreshAsync();
        }
        catch (Exception exception)
        {
            Log.RefreshFailed(logger, exception);
        }
    }

    private async Task RefreshAsync()
    {
        var before = Interlocked.Read(ref _changes);
        var rows = (await Table.ReadRows(0, 0)).Reminders;
        List<ReminderEntry> begin;
        List<(GrainId, string)> end;
        lock (_gate)
        {
            if (_changes != before)
            {
                // Something was registered or removed while the table was read: what was read may be older. The next one will tell.
                return;
            }

            begin = [.. rows.Where(r => !_reminders.TryGetValue((r.GrainId, r.ReminderName), out var known) || known.Entry.ETag != r.ETag)];
            var stored = rows.Select(r => (r.GrainId, r.ReminderName)).ToHashSet();
            end = [.. _reminders.Keys.Where(k => !stored.Contains(k))];
        }

        foreach (var entry in begin)
        {
            Begin(entry);
        }

        foreach (var key in end)
        {
            End(key);
        }
    }

    private async Task TickAsync(LocalReminder reminder, DateTime now)
    {
        var entry = reminder.Entry;
        try
        {
            var status = new TickStatus(entry.StartAt, entry.Period, now);
            await grains.GetGrain<IRemindable>(entry.GrainId).ReceiveReminder(entry.ReminderName, status);
        }
        catch (Exception exception)
        {
            Log.TickFailed(logger, exception, entry.ReminderName, entry.GrainId.ForLog(), entry.Period);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "Could not deliver reminder {Reminder} of {Grain}; the next one comes after {Period}")]
        public static partial void TickFailed(ILogger logger, Exception exception, string reminder, string grain, TimeSpan period);

        [LoggerMessage(Level = LogLevel.Error, Message = "Could not read the reminder table")]
        public static partial void RefreshFailed(ILogger logger, Exception exception);
    }
}
