using Microsoft.AspNetCore.Connections;

namespace Fleet.Coordinator.Connections;

/// <summary>Registers the limits for connections and the calls on them.</summary>
internal static class ConnectionsSetup
{
    public static WebApplicationBuilder AddConnections(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<EntryRoom>();
        builder.Services.AddSingleton<CallsInFlight>();
        builder.Services.AddSingleton<ConnectionTable>();
        builder.Services.AddSingleton<CallDoor>();

        // Kestrel asks the last registered factory first.
        builder.Services.AddSingleton<IConnectionListenerFactory, BoundedListenerFactory>();
        return builder;
    }

    /// <summary>Must come before everything that reads a request's body.</summary>
    public static void UseConnectionLimits(this WebApplication app)
    {
        var door = app.Services.GetRequiredService<CallDoor>();
        app.Use(door.PassAsync);
    }
}
