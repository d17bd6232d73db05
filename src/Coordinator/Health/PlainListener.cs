namespace Fleet.Coordinator.Health;

/// <summary>Keeps endpoints without identity off the listener that faces the network.</summary>
internal static class PlainListener
{
    /// <summary>Answers 404 on the TLS listener: what is served there goes through the interceptor.</summary>
    public static IEndpointConventionBuilder PlainListenerOnly(this IEndpointConventionBuilder endpoint)
    {
        endpoint.Add(static builder =>
        {
            var inner = builder.RequestDelegate;
            builder.RequestDelegate = context =>
            {
                if (inner is null || context.Request.IsHttps)
                {
                    context.Response.StatusCode = StatusCodes.Status404NotFound;
                    return Task.CompletedTask;
                }

                return inner(context);
            };
        });
        return endpoint;
    }
}
