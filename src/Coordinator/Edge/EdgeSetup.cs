namespace Fleet.Coordinator.Edge;

internal static class EdgeSetup
{
    /// <summary>
    /// Registered after the interceptors that check the caller, so that nobody without an identity learns what a request should look like.
    /// </summary>
    public static WebApplicationBuilder AddEdge(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<RequestEdgeInterceptor>();
        builder.Services.AddGrpc(static options => options.Interceptors.Add<RequestEdgeInterceptor>());
        return builder;
    }
}
