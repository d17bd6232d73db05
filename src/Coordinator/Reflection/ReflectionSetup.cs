using Fleet.Protocol.V1;
using Google.Protobuf.Reflection;
using Grpc.Health.V1;
using Grpc.Reflection;

namespace Fleet.Coordinator.Reflection;

/// <summary>Registers grpc.reflection.v1 and v1alpha.</summary>
internal static class ReflectionSetup
{
    /// <summary>Every file with a service, and the file of the error details in trailers, which no service's file imports.</summary>
    public static IReadOnlyList<FileDescriptor> Files =>
    [
        AgentReflection.Descriptor,
        FleetReflection.Descriptor,
        EventReflection.Descriptor,
        AdminReflection.Descriptor,
        ErrorReflection.Descriptor,
        HealthReflection.Descriptor,
        Grpc.Reflection.V1.ReflectionReflection.Descriptor,
        Grpc.Reflection.V1Alpha.ReflectionReflection.Descriptor,
    ];

    public static WebApplicationBuilder AddReflection(this WebApplicationBuilder builder)
    {
        // Registered before AddGrpcReflection, which would include only the files of mapped services. Created on first use, because the
        // descriptors of all files take time and memory.
        builder.Services.AddSingleton(static _ => new ReflectionServiceImpl(ServiceNames(), SymbolRegistry.FromFiles(Files)));
        builder.Services.AddSingleton(static _ => new ReflectionV1ServiceImpl(ServiceNames(), SymbolRegistry.FromFiles(Files)));
        builder.Services.AddGrpcReflection();
        builder.Services.AddSingleton<ShutdownInterceptor>();
        builder.Services.AddGrpc()
            .AddServiceOptions<ReflectionServiceImpl>(static options => options.Interceptors.Add<ShutdownInterceptor>())
            .AddServiceOptions<ReflectionV1ServiceImpl>(static options => options.Interceptors.Add<ShutdownInterceptor>());
        return builder;
    }

    /// <summary>For callers with the role viewer: see RpcRoles.</summary>
    public static void MapReflection(this IEndpointRouteBuilder app) => app.MapGrpcReflectionService();

    private static string[] ServiceNames() =>
        [.. Files.SelectMany(static file => file.Services).Select(static service => service.FullName).Order(StringComparer.Ordinal)];
}
