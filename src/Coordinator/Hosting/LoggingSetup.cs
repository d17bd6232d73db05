using Fleet.Coordinator.Configuration;

namespace Fleet.Coordinator.Hosting;

/// <summary>Logs one line per entry; under systemd, with the journal's level in front.</summary>
internal static class LoggingSetup
{
    public static WebApplicationBuilder AddLogging(this WebApplicationBuilder builder, LiveOptions live)
    {
        builder.Logging.ClearProviders();
        builder.Logging.SetMinimumLevel(LogLevel.Trace);
        if (Environment.GetEnvironmentVariable("JOURNAL_STREAM") is not null)
        {
            builder.Logging.AddSystemdConsole();
        }
        else
        {
            builder.Logging.AddSimpleConsole(console =>
            {
                console.SingleLine = true;
                console.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
                console.UseUtcTimestamp = true;
            });
        }

        // A function instead of a fixed level, so that SIGHUP can change it.
        builder.Logging.AddFilter((category, level) => IsShown(category ?? "", level, live.Current.LogLevel));
        return builder;
    }

    /// <summary>
    /// Of the framework's entries, only problems are of interest. What gRPC logs as an error, with a stack, is garbage or half a message
    /// from callers, who need no identity to send it; the same goes for what Kestrel logs about HTTP/2 connections that break its rules.
    /// Our own failures are in the log of <see cref="Errors.UnexpectedFailure"/>.
    /// </summary>
    /// <remarks>
    /// Orleans logs at every start that it does not use the server garbage collector, which is intended (Silo, 100405), how long its
    /// watchdog paused between two looks, even if that is the time since the machine started (Watchdog, 100150), and that an observer is
    /// gone, which its grain finds out by itself (HostedClient, 100924). From these three, only what ends the silo is shown.
    /// </remarks>
    public static bool IsShown(string category, LogLevel level, LogLevel least)
    {
        if (least <= LogLevel.Debug || category.StartsWith("Fleet", StringComparison.Ordinal))
        {
            return level >= least;
        }

        if (category is "Orleans.Runtime.Silo" or "Orleans.Runtime.Watchdog" or "Orleans.Runtime.HostedClient")
        {
            return level == LogLevel.Critical || (level == LogLevel.Error && category is "Orleans.Runtime.Silo");
        }

        return level >= LogLevel.Warning
            && level >= least
            && category is not ("Grpc.AspNetCore.Server.ServerCallHandler" or "Microsoft.AspNetCore.Server.Kestrel.Http2");
    }
}
