using System.Diagnostics.CodeAnalysis;
using Grpc.AspNetCore.Server.Internal;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps gRPC services to endpoints.</summary>
public static class GrpcEndpointRouteBuilderExtensions
{
    /// <summary>Makes a service's methods callable. An instance is taken from the services, or made, for each call.</summary>
    /// <typeparam name="TService">Derives from a generated base class.</typeparam>
    public static GrpcServiceEndpointConventionBuilder MapGrpcService<
        [DynamicallyAccessedMembers(
            DynamicallyAccessedMemberTypes.PublicConstructors
            | DynamicallyAccessedMemberTypes.PublicMethods
            | DynamicallyAccessedMemberTypes.NonPublicMethods)]
    TService>(this IEndpointRouteBuilder builder)
        where TService : class
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (builder.ServiceProvider.GetService<GrpcMarkerService>() is null)
        {
            throw new InvalidOperationException(
                "Unable to find the required services. Please add all the required services by calling "
                + "'IServiceCollection.AddGrpc' inside the call to 'ConfigureServices(...)' in the application startup code.");
        }

        var binder = new ServiceMethodBinder<TService>(builder);
        ServiceBinding.Bind(typeof(TService), binder);
        return new GrpcServiceEndpointConventionBuilder(binder.Complete());
    }
}
