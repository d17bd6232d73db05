using Fleet.Coordinator.Configuration;
using Fleet.Coordinator.Storage;

namespace Fleet.Coordinator.Hosting;

/// <summary>Puts the coordinator together. One line per feature.</summary>
internal static class CoordinatorApp
{
    /// <param name="configure">For tests: a clock of their own, for example.</param>
    public static WebApplication Build(CoordinatorOptions options, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(new LiveOptions(options.Reloadable));
        builder.Services.AddSingleton(TimeProvider.System);
        builder.AddStorage();
        configure?.Invoke(builder);

        var app = builder.Build();
        return app;
    }
}
