using Fleet.Coordinator.State.Clock;
using Fleet.Coordinator.Storage;
using Fleet.Schedules.Retention.Clock;

namespace Fleet.Coordinator.Clock;

/// <summary>
/// The time by which things expire: join tokens, credentials, certificates, waiting runs. It is the wall clock's time unless that jumped
/// ahead; then it is the last trusted time plus what the monotonic clock has counted since. Across a restart of the machine that is less
/// than the real time: what has expired since stays valid until the clock is trusted again, instead of everything expiring at once.
/// </summary>
internal sealed class TrustedTime : TimeProvider
{
    private readonly TimeProvider _clock;
    private readonly string _bootId = ReadBootId();
    private volatile TrustedReading? _memory;

    public TrustedTime(FleetStore store, TimeProvider clock)
    {
        _clock = clock;

        // Before the first handshake: a coordinator that starts with a wrong clock must not issue or refuse anything by it. A read does not
        // wait here.
        _memory = store
            .ReadAsync(static reader => ClockMemoryStore.Read(reader) ?? ClockMemoryStore.OfNewestEvent(reader))
            .GetAwaiter()
            .GetResult();
    }

    public string BootId => _bootId;

    public override long TimestampFrequency => _clock.TimestampFrequency;

    public override TimeZoneInfo LocalTimeZone => _clock.LocalTimeZone;

    /// <summary>The current readings of the clocks.</summary>
    public ClockReading Read() => new(_clock.GetUtcNow(), _clock.GetElapsedTime(0), _bootId);

    /// <summary>What the store is to remember from now on.</summary>
    public void Remember(TrustedReading memory) => _memory = memory;

    public override DateTimeOffset GetUtcNow()
    {
        var reading = Read();
        var ahead = ClockJudgement.Ahead(reading, _memory);
        return ahead > ClockJudgement.MostAhead ? reading.Wall - ahead : reading.Wall;
    }

    public override long GetTimestamp() => _clock.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        _clock.CreateTimer(callback, state, dueTime, period);

    private static string ReadBootId()
    {
        try
        {
            return File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();
        }
        catch (IOException)
        {
            return "";
        }
    }
}
