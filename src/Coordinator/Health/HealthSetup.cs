namespace Fleet.Coordinator.Health;

/// <summary>Registers health.</summary>
internal static class HealthSetup
{
    public static WebApplicationBuilder AddHealth(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<HealthState>();
        builder.Services.AddSingleton<HealthRpc>();
        return builder;
    }

    /// <summary>grpc.health.v1.Health, and on the plain listener /healthz (the process answers) and /readyz (it can do its work).</summary>
    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        app.MapGrpcService<HealthRpc>();
        // As RequestDelegate: a handler with other parameters is compiled at the start, which costs memory.
        var state = app.ServiceProvider.GetRequiredService<HealthState>();
        app.MapGet("/healthz", static context => AnswerAsync(context, null)).PlainListenerOnly();
        app.MapGet("/readyz", context => AnswerAsync(context, state.NotReadyReason)).PlainListenerOnly();
    }

    private static Task AnswerAsync(HttpContext context, string? problem)
    {
        context.Response.StatusCode = problem is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync((problem ?? "ok") + "\n", context.RequestAborted);
    }
}
