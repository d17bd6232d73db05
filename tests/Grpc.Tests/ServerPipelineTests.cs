using Fleet.Grpc.Tests.Infrastructure;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Fleet.Grpc.Tests;

public sealed class ServerPipelineTests
{
    [Fact]
    public async Task Service_NotRegistered_IsMadePerCallAndDisposed()
    {
        var log = new CallLog();
        await using var server = await TestServer.StartAsync(app => app.MapGrpcService<DisposableService>(), services: s => s.AddSingleton(log));
        using var channel = server.Connect();
        var client = new TestService.TestServiceClient(channel);
        await client.EmptyCallAsync(new Empty()).InTimeAsync();
        await client.EmptyCallAsync(new Empty()).InTimeAsync();
        Assert.Equal(["made", "called", "disposed", "made", "called", "disposed"], log.Entries);
    }

    [Fact]
    public async Task Service_RegisteredScoped_ComesFromTheRequestsScope()
    {
        var log = new CallLog();
        await using var server = await TestServer.StartAsync(
            app => app.MapGrpcService<DisposableService>(), services: s => s.AddSingleton(log).AddScoped<DisposableService>());
        using var channel = server.Connect();
        await new TestService.TestServiceClient(channel).EmptyCallAsync(new Empty()).InTimeAsync();
        await log.WaitForAsync(3).InTimeAsync();
        Assert.Equal(["made", "called", "disposed"], log.Entries);
    }

    [Fact]
    public async Task Interceptors_RunInOrderAroundAllKindsOfCalls()
    {
        var log = new CallLog();
        await using var server = await TestServer.StartAsync(
            app => app.MapGrpcService<InteropService>(),
            options =>
            {
                options.Interceptors.Add<NamingInterceptor>("outer");
                options.Interceptors.Add<NamingInterceptor>("inner");
            },
            services => services.AddSingleton(log));
        using var channel = server.Connect();
        var client = new TestService.TestServiceClient(channel);
        await client.EmptyCallAsync(new Empty()).InTimeAsync();
        using (var call = client.StreamingOutputCall(new StreamingOutputCallRequest()))
        {
            Assert.False(await call.ResponseStream.MoveNext().InTimeAsync());
        }

        using (var call = client.StreamingInputCall())
        {
            await call.RequestStream.CompleteAsync();
            await call.ResponseAsync.InTimeAsync();
        }

        using (var call = client.FullDuplexCall())
        {
            await call.RequestStream.CompleteAsync();
            Assert.False(await call.ResponseStream.MoveNext().InTimeAsync());
        }

        Assert.Equal(
            [
                "outer>unary", "inner>unary", "inner<unary", "outer<unary",
                "outer>server", "inner>server", "inner<server", "outer<server",
                "outer>client", "inner>client", "inner<client", "outer<client",
                "outer>duplex", "inner>duplex", "inner<duplex", "outer<duplex",
            ],
            log.Entries);
    }

    [Fact]
    public async Task Interceptor_Throws_CallEndsWithItsStatus()
    {
        await using var server = await TestServer.StartAsync(app => app.MapGrpcService<InteropService>(), o => o.Interceptors.Add<RefusingInterceptor>());
        using var channel = server.Connect();
        var e = await new TestService.TestServiceClient(channel).EmptyCallAsync(new Empty()).ResponseAsync.FailsAsync();
        Assert.Equal(StatusCode.PermissionDenied, e.StatusCode);
    }

    [Theory]
    [InlineData(false, "Exception was thrown by handler.")]
    [InlineData(true, "Exception was thrown by handler. FormatException: secret")]
    public async Task Handler_Throws_DetailsAreSentOnlyWhenEnabled(bool detailed, string expected)
    {
        var service = new ScriptedService { Unary = (_, _) => throw new FormatException("secret") };
        await using var server = await service.ServeAsync(o => o.EnableDetailedErrors = detailed);
        using var channel = server.Connect();
        var e = await new TestService.TestServiceClient(channel).UnaryCallAsync(new SimpleRequest()).ResponseAsync.FailsAsync();
        Assert.Equal(StatusCode.Unknown, e.StatusCode);
        Assert.Equal(expected, e.Status.Detail);
        Assert.Contains(server.Log.Lines, line => line.Level == LogLevel.Error && line.EventName == "HandlerFailed" && line.Exception is FormatException);
    }

    [Fact]
    public async Task Handler_SetsAStatus_ClientSeesIt()
    {
        var service = new ScriptedService
        {
            Unary = (_, context) =>
            {
                context.Status = new Status(StatusCode.AlreadyExists, "there");
                return Task.FromResult(new SimpleResponse());
            },
        };
        await using var server = await service.ServeAsync();
        using var channel = server.Connect();
        var e = await new TestService.TestServiceClient(channel).UnaryCallAsync(new SimpleRequest()).ResponseAsync.FailsAsync();
        Assert.Equal((StatusCode.AlreadyExists, "there"), (e.StatusCode, e.Status.Detail));
    }

    [Fact]
    public async Task Context_Describes_TheCall()
    {
        ServerCallContext? seen = null;
        HttpContext? http = null;
        var service = new ScriptedService
        {
            Unary = (_, context) =>
            {
                (seen, http) = (context, context.GetHttpContext());
                Assert.Equal("/grpc.testing.TestService/UnaryCall", context.Method);
                Assert.StartsWith("ipv4:127.0.0.1:", context.Peer, StringComparison.Ordinal);
                Assert.StartsWith("127.0.0.1:", context.Host, StringComparison.Ordinal);
                Assert.False(context.AuthContext.IsPeerAuthenticated);
                Assert.Equal(DateTime.MaxValue, context.Deadline);
                context.UserState["a"] = "b";
                return Task.FromResult(new SimpleResponse());
            },
        };
        await using var server = await service.ServeAsync();
        using var channel = server.Connect();
        await new TestService.TestServiceClient(channel).UnaryCallAsync(new SimpleRequest()).InTimeAsync();
        Assert.NotNull(seen);
        Assert.NotNull(http);
    }

    [Fact]
    public async Task Endpoint_HasMethodMetadataAndAttributes()
    {
        var found = new TaskCompletionSource<GrpcMethodMetadata?>();
        await using var server = await TestServer.StartAsync(app =>
        {
            ((WebApplication)app).Use((context, next) =>
            {
                found.TrySetResult(context.GetEndpoint()?.Metadata.GetMetadata<GrpcMethodMetadata>());
                return next(context);
            });
            app.MapGrpcService<InteropService>().WithMetadata("extra");
        });
        using var channel = server.Connect();
        await new TestService.TestServiceClient(channel).EmptyCallAsync(new Empty()).InTimeAsync();
        var metadata = await found.Task.InTimeAsync();
        Assert.Equal("/grpc.testing.TestService/EmptyCall", metadata?.Method.FullName);
        Assert.Equal(typeof(InteropService), metadata?.ServiceType);
    }

    [Fact]
    public async Task Map_WithoutAddGrpc_SaysWhatToDo()
    {
        await using var app = WebApplication.CreateSlimBuilder().Build();
        var e = Assert.Throws<InvalidOperationException>(() => app.MapGrpcService<InteropService>());
        Assert.Contains("AddGrpc", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Map_ClassThatIsNoService_SaysSo()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Services.AddGrpc();
        await using var app = builder.Build();
        Assert.Throws<InvalidOperationException>(() => app.MapGrpcService<CallLog>());
    }

    private sealed class CallLog
    {
        private readonly List<string> _entries = [];
        private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IReadOnlyList<string> Entries
        {
            get
            {
                lock (_entries)
                {
                    return [.. _entries];
                }
            }
        }

        public void Add(string entry)
        {
            lock (_entries)
            {
                _entries.Add(entry);
                _changed.TrySetResult();
                _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        public async Task WaitForAsync(int count)
        {
            while (true)
            {
                Task changed;
                lock (_entries)
                {
                    if (_entries.Count >= count)
                    {
                        return;
                    }

                    changed = _changed.Task;
                }

                await changed;
            }
        }
    }

    private sealed class DisposableService : TestService.TestServiceBase, IDisposable
    {
        private readonly CallLog _log;

        public DisposableService(CallLog log)
        {
            _log = log;
            log.Add("made");
        }

        public override Task<Empty> EmptyCall(Empty request, ServerCallContext context)
        {
            _log.Add("called");
            return Task.FromResult(new Empty());
        }

        public void Dispose() => _log.Add("disposed");
    }

    private sealed class NamingInterceptor(string name, CallLog log) : Interceptor
    {
        public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
            TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) =>
            AroundAsync("unary", () => continuation(request, context));

        public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
            IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation) =>
            AroundAsync("client", () => continuation(requestStream, context));

        public override Task ServerStreamingServerHandler<TRequest, TResponse>(
            TRequest request,
            IServerStreamWriter<TResponse> responseStream,
            ServerCallContext context,
            ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
            AroundAsync("server", () => DoneAsync(continuation(request, responseStream, context)));

        public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
            IAsyncStreamReader<TRequest> requestStream,
            IServerStreamWriter<TResponse> responseStream,
            ServerCallContext context,
            DuplexStreamingServerMethod<TRequest, TResponse> continuation) =>
            AroundAsync("duplex", () => DoneAsync(continuation(requestStream, responseStream, context)));

        private static async Task<int> DoneAsync(Task task)
        {
            await task;
            return 0;
        }

        private async Task<T> AroundAsync<T>(string kind, Func<Task<T>> next)
        {
            log.Add($"{name}>{kind}");
            var result = await next();
            log.Add($"{name}<{kind}");
            return result;
        }
    }

    private sealed class RefusingInterceptor : Interceptor
    {
        public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
            TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) =>
            throw new RpcException(new Status(StatusCode.PermissionDenied, "no"));
    }
}
