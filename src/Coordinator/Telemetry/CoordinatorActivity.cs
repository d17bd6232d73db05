using System.Diagnostics;

namespace Fleet.Coordinator.Telemetry;

/// <summary>The source of the coordinator's spans: one trace follows a run from its schedule to its result.</summary>
internal static class CoordinatorActivity
{
    public const string Name = "Fleet.Coordinator";

    public static readonly ActivitySource Source = new(Name);
}
