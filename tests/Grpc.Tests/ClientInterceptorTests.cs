using Fleet.Grpc.Tests.Infrastructure;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Testing;

namespace Fleet.Grpc.Tests;

public sealed class ClientInterceptorTests
{
    [Fact]
    public async Task Intercept_Metadata_IsAdded()
    {
        string? seen = null;
        var service = new ScriptedService
        {
            Unary = (_, context) =>
            {
                seen = context.RequestHeaders.GetValue("authorization");
                return Task.FromResult(new SimpleResponse());
            },
        };
        await using var server = await service.ServeAsync();
        using var channel = server.Connect();
        var invoker = channel.Intercept(headers =>
        {
            headers.Add("authorization", "Bearer x");
            return headers;
        });
        await new TestService.TestServiceClient(invoker).UnaryCallAsync(new SimpleRequest()).InTimeAsync();
        Assert.Equal("Bearer x", seen);
    }

    [Fact]
    public async Task Intercept_Several_FirstIsOutermost()
    {
        await using var server = await new ScriptedService { Unary = (_, _) => Task.FromResult(new SimpleResponse()) }.ServeAsync();
        using var channel = server.Connect();
        var order = new List<string>();
        var client = new TestService.TestServiceClient(channel.Intercept(new Naming("a", order), new Naming("b", order)));
        await client.UnaryCallAsync(new SimpleRequest()).InTimeAsync();
        Assert.Equal(["a", "b"], order);
    }

    [Fact]
    public async Task CallCredentials_WithoutTls_AreNotSentUnlessAllowed()
    {
        var seen = new List<string?>();
        var service = new ScriptedService
        {
            Unary = (_, context) =>
            {
                seen.Add(context.RequestHeaders.GetValue("authorization"));
                return Task.FromResult(new SimpleResponse());
            },
        };
        await using var server = await service.ServeAsync();
        var credentials = CallCredentials.FromInterceptor((context, metadata) =>
        {
            Assert.Equal("UnaryCall", context.MethodName);
            Assert.EndsWith("/grpc.testing.TestService", context.ServiceUrl, StringComparison.Ordinal);
            metadata.Add("authorization", "Bearer y");
            return Task.CompletedTask;
        });
        foreach (var allowed in (bool[])[false, true])
        {
            using var channel = server.Connect(o => o.UnsafeUseInsecureChannelCallCredentials = allowed);
            await new TestService.TestServiceClient(channel).UnaryCallAsync(new SimpleRequest(), new CallOptions(credentials: credentials)).InTimeAsync();
        }

        Assert.Equal([null, "Bearer y"], seen);
    }

    private sealed class Naming(string name, List<string> order) : Interceptor
    {
        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
        {
            order.Add(name);
            return continuation(request, context);
        }
    }
}
