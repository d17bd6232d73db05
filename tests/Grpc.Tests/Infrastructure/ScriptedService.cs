using Grpc.Core;
using Grpc.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Fleet.Grpc.Tests.Infrastructure;

/// <summary>A service whose methods are what a test says.</summary>
internal sealed class ScriptedService : TestService.TestServiceBase
{
    public Func<SimpleRequest, ServerCallContext, Task<SimpleResponse>>? Unary { get; init; }

    public Func<
        StreamingOutputCallRequest,
        IServerStreamWriter<StreamingOutputCallResponse>,
        ServerCallContext,
        Task
    >? ServerStreaming
    { get; init; }

    public Func<
        IAsyncStreamReader<StreamingInputCallRequest>,
        ServerCallContext,
        Task<StreamingInputCallResponse>
    >? ClientStreaming
    { get; init; }

    public Func<
        IAsyncStreamReader<StreamingOutputCallRequest>,
        IServerStreamWriter<StreamingOutputCallResponse>,
        ServerCallContext,
        Task
    >? Duplex
    { get; init; }

    /// <summary>Starts a server with just this service.</summary>
    public Task<TestServer> ServeAsync(
        Action<global::Grpc.AspNetCore.Server.GrpcServiceOptions>? grpc = null,
        Action<IServiceCollection>? services = null,
        Action<Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions>? kestrel = null) =>
        TestServer.StartAsync(
            app => app.MapGrpcService<ScriptedService>(),
            grpc,
            collection =>
            {
                collection.AddSingleton(this);
                services?.Invoke(collection);
            },
            kestrel);

    public override Task<SimpleResponse> UnaryCall(SimpleRequest request, ServerCallContext context) =>
        Unary?.Invoke(request, context) ?? base.UnaryCall(request, context);

    public override Task StreamingOutputCall(
        StreamingOutputCallRequest request, IServerStreamWriter<StreamingOutputCallResponse> responseStream, ServerCallContext context) =>
        ServerStreaming?.Invoke(request, responseStream, context) ?? base.StreamingOutputCall(request, responseStream, context);

    public override Task<StreamingInputCallResponse> StreamingInputCall(
        IAsyncStreamReader<StreamingInputCallRequest> requestStream, ServerCallContext context) =>
        ClientStreaming?.Invoke(requestStream, context) ?? base.StreamingInputCall(requestStream, context);

    public override Task FullDuplexCall(
        IAsyncStreamReader<StreamingOutputCallRequest> requestStream,
        IServerStreamWriter<StreamingOutputCallResponse> responseStream,
        ServerCallContext context) =>
        Duplex?.Invoke(requestStream, responseStream, context) ?? base.FullDuplexCall(requestStream, responseStream, context);
}
