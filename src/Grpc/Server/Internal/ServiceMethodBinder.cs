using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Grpc.AspNetCore.Server.Internal.CallHandlers;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Makes an endpoint of every method that a service's generated binding names.</summary>
internal sealed class ServiceMethodBinder<
    [DynamicallyAccessedMembers(
        DynamicallyAccessedMemberTypes.PublicConstructors
        | DynamicallyAccessedMemberTypes.PublicMethods
        | DynamicallyAccessedMemberTypes.NonPublicMethods)]
TService>(IEndpointRouteBuilder routes) : ServiceBinderBase
    where TService : class
{
    private readonly List<IEndpointConventionBuilder> _endpoints = [];
    private readonly ServiceMethodEnvironment _environment = ServiceMethodEnvironment.Create<TService>(routes.ServiceProvider);
    private readonly ServiceActivator<TService> _activator = new();
    private readonly HashSet<string> _services = [];

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
    {
        var (target, info) = Find<ServiceMethods<TService, TRequest, TResponse>.Unary>(method, typeof(TRequest), typeof(ServerCallContext));
        UnaryServerMethod<TRequest, TResponse> invoke = async (request, context) =>
        {
            var (service, created) = _activator.Create(context.GetHttpContext().RequestServices);
            try
            {
                return await target(service, request, context);
            }
            finally
            {
                await ServiceActivator<TService>.ReleaseAsync(service, created);
            }
        };
        Map(method, info, new UnaryServerCallHandler<TRequest, TResponse>(method, _environment, invoke));
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var (target, info) = Find<ServiceMethods<TService, TRequest, TResponse>.ClientStreaming>(
            method, typeof(IAsyncStreamReader<TRequest>), typeof(ServerCallContext));
        ClientStreamingServerMethod<TRequest, TResponse> invoke = async (requests, context) =>
        {
            var (service, created) = _activator.Create(context.GetHttpContext().RequestServices);
            try
            {
                return await target(service, requests, context);
            }
            finally
            {
                await ServiceActivator<TService>.ReleaseAsync(service, created);
            }
        };
        Map(method, info, new ClientStreamingServerCallHandler<TRequest, TResponse>(method, _environment, invoke));
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var (target, info) = Find<ServiceMethods<TService, TRequest, TResponse>.ServerStreaming>(
            method, typeof(TRequest), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext));
        ServerStreamingServerMethod<TRequest, TResponse> invoke = async (request, responses, context) =>
        {
            var (service, created) = _activator.Create(context.GetHttpContext().RequestServices);
            try
            {
                await target(service, request, responses, context);
            }
            finally
            {
                await ServiceActivator<TService>.ReleaseAsync(service, created);
            }
        };
        Map(method, info, new ServerStreamingServerCallHandler<TRequest, TResponse>(method, _environment, invoke));
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler)
    {
        var (target, info) = Find<ServiceMethods<TService, TRequest, TResponse>.Duplex>(
            method, typeof(IAsyncStreamReader<TRequest>), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext));
        DuplexStreamingServerMethod<TRequest, TResponse> invoke = async (requests, responses, context) =>
        {
            var (service, created) = _activator.Create(context.GetHttpContext().RequestServices);
            try
            {
                await target(service, requests, responses, context);
            }
            finally
            {
                await ServiceActivator<TService>.ReleaseAsync(service, created);
            }
        };
        Map(method, info, new DuplexStreamingServerCallHandler<TRequest, TResponse>(method, _environment, invoke));
    }

    /// <summary>Adds the endpoints that answer UNIMPLEMENTED, and gives all of the service's endpoints.</summary>
    public IReadOnlyList<IEndpointConventionBuilder> Complete()
    {
        if (_environment.IgnoreUnknownServices)
        {
            return _endpoints;
        }

        var once = routes.ServiceProvider.GetRequiredService<GrpcMarkerService>();
        foreach (var service in _services)
        {
            if (once.IsFirst(service))
            {
                MapUnimplemented(service, $"{service}/{{unimplementedMethod:{GrpcUnimplementedConstraint.Prefix}}}", "Method is unimplemented.");
            }
        }

        if (once.IsFirst("*"))
        {
            MapUnimplemented(
                "*", $"{{unimplementedService}}/{{unimplementedMethod:{GrpcUnimplementedConstraint.Prefix}}}", "Service is unimplemented.");
        }

        return _endpoints;
    }

    private void MapUnimplemented(string service, string pattern, string detail)
    {
        var endpoint = routes.Map(pattern, context => UnimplementedCallHandler.HandleAsync(context, detail, _environment.Logger));
        endpoint.Add(builder =>
        {
            builder.DisplayName = $"gRPC - Unimplemented {service}";
            builder.Metadata.Add(new HttpMethodMetadata([HttpMethods.Post]));
            ((RouteEndpointBuilder)builder).Order = int.MaxValue;
        });
    }

    private static (TDelegate Delegate, MethodInfo Method) Find<TDelegate>(IMethod method, params Type[] parameters)
        where TDelegate : Delegate
    {
        var info = typeof(TService).GetMethod(
                method.Name, BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance, null, parameters, null)
            ?? throw new InvalidOperationException($"Could not find '{method.Name}' on {typeof(TService)}.");
        return (info.CreateDelegate<TDelegate>(), info);
    }

    private void Map(IMethod method, MethodInfo info, ServerCallHandlerBase handler)
    {
        _services.Add(method.ServiceName);
        var endpoint = routes.Map(RoutePatternFactory.Parse(method.FullName), handler.HandleCallAsync);
        endpoint.Add(builder =>
        {
            builder.DisplayName = $"gRPC - {method.FullName}";
            builder.Metadata.Add(new GrpcMethodMetadata(typeof(TService), method));
            builder.Metadata.Add(new HttpMethodMetadata([HttpMethods.Post], acceptCorsPreflight: true));
            foreach (var attribute in typeof(TService).GetCustomAttributes(inherit: true).Concat(info.GetCustomAttributes(inherit: true)))
            {
                builder.Metadata.Add(attribute);
            }
        });
        _endpoints.Add(endpoint);
        GrpcServerLog.MethodMapped(_environment.Logger, method.FullName, typeof(TService).Name);
    }
}
