using Fleet.Coordinator.Alerts;

namespace Fleet.Coordinator.Clock;

/// <summary>Registers the watch over the coordinator's own clock.</summary>
internal static class ClockSetup
{
    public static WebApplicationBuilder AddTrustedClock(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<TrustedTime>();
        builder.Services.AddWatch<TrustedClock>();
        return builder;
    }
}
