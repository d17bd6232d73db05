namespace Fleet.Coordinator.Reflection;

/// <summary>Registers reflection.</summary>
internal static class ReflectionSetup
{
    public static WebApplicationBuilder AddReflection(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<DescriptorIndex>();
        builder.Services.AddSingleton<ReflectionAnswers>();
        builder.Services.AddSingleton<ReflectionRpc>();
        builder.Services.AddSingleton<ReflectionAlphaRpc>();
        return builder;
    }

    /// <summary>For callers with the role viewer: see RpcRoles.</summary>
    public static void MapReflection(this IEndpointRouteBuilder app)
    {
        app.MapGrpcService<ReflectionRpc>();
        app.MapGrpcService<ReflectionAlphaRpc>();
    }
}
