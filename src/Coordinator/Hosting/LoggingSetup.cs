using Fleet.Coordinator.Configuration;

namespace Fleet.Coordinator.Hosting;

/// <summary>One line for each thing; under systemd with the journal's level in front.</summary>
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

        // A function and not a fixed level, so that SIGHUP can change it.
        builder.Logging.AddFilter((category, level) => IsShown(category ?? "", level, live.Current.LogLevel));
        return builder;
    }

    /// <summary>
    /// Of the framework only what is wrong is of interest. What gRPC calls an error, with a stack, is what callers sent who need no
    /// identity for that: garbage, or half a message; likewise what Kestrel says about HTTP/2 connections that break its rules. What goes
    /// wrong here is in <see cref="Errors.UnexpectedFailure"/>'s log.
    /// </summary>
    /// <remarks>
    /// Orleans says at every start that it does not use the server's garbage collector, which is meant (Silo, 100405), how long its
    /// watchdog paused between two looks, also where that is since the machine's start (Watchdog, 100150), and that an observer is gone,
    /// which its grain finds out by itself (HostedClient, 100924). Of these three only what ends the silo is shown.
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
