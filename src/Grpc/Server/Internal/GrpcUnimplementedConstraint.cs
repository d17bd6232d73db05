using Grpc.Core.Wire;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Keeps the endpoints that answer UNIMPLEMENTED from taking requests that are not gRPC.</summary>
internal sealed class GrpcUnimplementedConstraint : IRouteConstraint
{
    public const string Prefix = "grpcunimplemented";

    public bool Match(HttpContext? httpContext, IRouter? route, string routeKey, RouteValueDictionary values, RouteDirection routeDirection) =>
        httpContext is null || GrpcHeaderNames.IsGrpcContentType(httpContext.Request.ContentType);
}
