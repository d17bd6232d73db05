using Fleet.Coordinator.Grains;

namespace Fleet.Coordinator.Events;

/// <summary>Registers the event log.</summary>
internal static class EventsSetup
{
    public static WebApplicationBuilder AddEvents(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<EventHead>();
        builder.Services.AddSingleton<EventTail>();
        builder.Services.AddSingleton<EventRpc>();
        builder.Services.AddHostedService<EventFeedClient>();
        builder.Services.AddHostedService<EventRetention>();
        return builder;
    }
}
