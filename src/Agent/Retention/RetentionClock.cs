using System.Globalization;
using Fleet.Agent.Host;
using Fleet.Agent.Logging;
using Fleet.Schedules.Retention.Clock;

namespace Fleet.Agent.Retention;

/// <summary>
/// The clock guard of this host: what it remembers is kept in the state directory, so that a jump while the agent was away is
/// seen. Thread-safe.
/// </summary>
internal sealed class RetentionClock(ClockMemoryFile memory, HostPaths paths, TimeProvider time, Func<bool> isSynchronised)
{
    private readonly Lock _gate = new();

    public static RetentionClock OfThisHost(string stateDirectory, HostPaths paths, TimeProvider time) =>
        new(new ClockMemoryFile(Path.Join(stateDirectory, "clock.json")), paths, time, static () => KernelClock.Read().IsSynchronised);

    /// <summary>For a run that prunes: before any plan.</summary>
    /// <param name="problem">Why nothing may be planned, one line, safe to show.</param>
    public ClockCheck? Check(PruneRequest request, out string problem)
    {
        problem = "";
        if (request.AssumedNow is { } assumed)
        {
            problem = request.DryRun ? "" : "a time other than now can be assumed only in a dry run";
            return request.DryRun ? ClockCheck.Assume(assumed) : null;
        }

        try
        {
            return Check(remember: !request.DryRun);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = $"nothing is destroyed, because the clock could not be judged: {LogText.Escape(e.Message)}";
            return null;
        }
    }

    /// <summary>Once per pass, before any plan.</summary>
    /// <param name="remember">False: only a look.</param>
    /// <exception cref="IOException">The clocks cannot be read, or what was found cannot be kept: nothing may be pruned.</exception>
    public ClockCheck Check(bool remember)
    {
        lock (_gate)
        {
            var before = memory.Read();
            var (check, after) = ClockGuard.Check(Reading(), isSynchronised(), before, new ClockLimits());
            if (remember && after != before)
            {
                memory.Write(after);
            }

            return check;
        }
    }

    /// <summary>A person says that the clock is right.</summary>
    /// <param name="remember">False: only a look.</param>
    /// <exception cref="IOException">The clocks or what is remembered of them cannot be read, or it cannot be kept.</exception>
    public ClockAcceptance Accept(bool remember)
    {
        lock (_gate)
        {
            var (acceptance, after) = ClockGuard.Accept(Reading(), isSynchronised(), memory.Read(), new ClockLimits());
            if (remember && acceptance.IsAccepted)
            {
                memory.Write(after);
            }

            return acceptance;
        }
    }

    private ClockReading Reading()
    {
        // The first number of /proc/uptime is CLOCK_BOOTTIME.
        var uptime = File.ReadAllText(paths.Proc("uptime")).Split(' ')[0];
        return double.TryParse(uptime, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
            ? new ClockReading(
                time.GetUtcNow(), TimeSpan.FromSeconds(seconds), File.ReadAllText(paths.Proc("sys/kernel/random/boot_id")).Trim())
            : throw new IOException("/proc/uptime was not understood");
    }
}
