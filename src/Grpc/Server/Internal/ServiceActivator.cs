using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Takes a service from the container, or makes one for the call when it is not registered.</summary>
internal sealed class ServiceActivator<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] TService>
    where TService : class
{
    private ObjectFactory<TService>? _factory;

    public (TService Service, bool Created) Create(IServiceProvider services)
    {
        if (services.GetService<TService>() is { } registered)
        {
            return (registered, false);
        }

        _factory ??= ActivatorUtilities.CreateFactory<TService>([]);
        return (_factory(services, []), true);
    }

    public static ValueTask ReleaseAsync(TService service, bool created)
    {
        if (!created)
        {
            return default;
        }

        if (service is IAsyncDisposable asyncDisposable)
        {
            return asyncDisposable.DisposeAsync();
        }

        (service as IDisposable)?.Dispose();
        return default;
    }
}
