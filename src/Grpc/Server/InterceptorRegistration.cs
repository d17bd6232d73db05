using System.Diagnostics.CodeAnalysis;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server;

/// <summary>An interceptor's type, and how to come by an instance.</summary>
public class InterceptorRegistration
{
    private readonly object[] _args;
    private ObjectFactory? _factory;

    internal InterceptorRegistration(
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] Type type, object[] arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        Type = type;
        _args = arguments;
    }

    [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)]
    public Type Type { get; }

    public IReadOnlyList<object> Arguments => _args;

    /// <summary>An instance for one call, and whether it was made for it and so is to be disposed after it.</summary>
    internal (Interceptor Interceptor, bool Created) Resolve(IServiceProvider services)
    {
        if (_args.Length == 0 && services.GetService(Type) is Interceptor registered)
        {
            return (registered, false);
        }

        _factory ??= ActivatorUtilities.CreateFactory(Type, [.. _args.Select(a => a.GetType())]);
        return ((Interceptor)_factory(services, _args), true);
    }
}
