using Fleet.Coordinator.Alerts;

namespace Fleet.Coordinator.Limits;

/// <summary>Registers the limits of hosts and strangers.</summary>
internal static class LimitsSetup
{
    public static WebApplicationBuilder AddLimits(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<HostBudgets>();
        builder.Services.AddSingleton<IAttentionSource, BudgetAttention>();
        builder.Services.AddSingleton<StrangerLog>();
        return builder;
    }
}
