namespace Orleans.Diagnostics;

/// <summary>The names of the silo's sources of traces, for the telemetry that listens to them.</summary>
public static class ActivitySources
{
    /// <summary>Calls of the application's grains.</summary>
    public const string ApplicationGrainActivitySourceName = "Microsoft.Orleans.Application";

    /// <summary>Calls of the runtime's own grains.</summary>
    public const string RuntimeActivitySourceName = "Microsoft.Orleans.Runtime";

    /// <summary>All of them, for telemetry that understands an asterisk.</summary>
    public const string AllActivitySourceName = "Microsoft.Orleans.*";
}
