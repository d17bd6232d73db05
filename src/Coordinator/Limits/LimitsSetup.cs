using Fleet.Coordinator.Fleet;
using Microsoft.AspNetCore.Connections;

namespace Fleet.Coordinator.Limits;

/// <summary>Registers what holds hosts and strangers to their limits.</summary>
internal static class LimitsSetup
{
    public static WebApplicationBuilder AddLimits(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<HostBudgets>();
        builder.Services.AddSingleton<IAttentionSource, BudgetAttention>();
        builder.Services.AddSingleton<EntryRoom>();
        builder.Services.AddSingleton<CallsInFlight>();
        builder.Services.AddSingleton<StrangerLog>();
        builder.Services.AddSingleton<ConnectionTable>();
        builder.Services.AddSingleton<CallDoor>();

        // Kestrel asks the one that was registered last first.
        builder.Services.AddSingleton<IConnectionListenerFactory, BoundedListenerFactory>();
        return builder;
    }

    /// <summary>Before everything that reads a request's body.</summary>
    public static void UseLimits(this WebApplication app)
    {
        var door = app.Services.GetRequiredService<CallDoor>();
        app.Use(door.PassAsync);
    }
}
