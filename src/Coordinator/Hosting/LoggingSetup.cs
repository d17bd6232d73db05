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
    /// Of the framework only what is wrong is of interest. What gRPC calls an error, with a stack, is what callers sent who need no identity for
    /// that: garbage, or half a message; likewise what Kestrel says about HTTP/2 connections that break its rules. What goes wrong here is in <see cref="Errors.UnexpectedFailure"/>'s log.
    /// </summary>
    public static bool IsShown(string category, LogLevel level, LogLevel least)
    {
        if (least <= LogLevel.Debug || category.StartsWith("Fleet", StringComparison.Ordinal))
        {
            return level >= least;
        }

        return level >= LogLevel.Warning && level >= least && category is not ("Grpc.AspNetCore.Server.ServerCallHandler" or "Microsoft.AspNetCore.Server.Kestrel.Http2");
    }
}
