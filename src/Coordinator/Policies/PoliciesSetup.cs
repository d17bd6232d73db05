namespace Fleet.Coordinator.Policies;

/// <summary>Registers policies.</summary>
internal static class PoliciesSetup
{
    public static WebApplicationBuilder AddPolicies(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<PolicyApplier>();
        builder.Services.AddHostedService<PolicyStarter>();
        return builder;
    }
}
