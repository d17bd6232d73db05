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

        // A function and not a fixed level, so that SIGHUP can change it. Of the framework only what is wrong is of interest.
        builder.Logging.AddFilter((category, level) =>
        {
            var least = live.Current.LogLevel;
            return category is not null && category.StartsWith("Fleet", StringComparison.Ordinal)
                ? level >= least
                : level >= (least <= LogLevel.Debug ? least : least < LogLevel.Warning ? LogLevel.Warning : least);
        });
        return builder;
    }
}
