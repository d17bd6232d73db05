using System.Collections.Concurrent;
using Fleet.Protocol.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Fleet.Cli.Tests.Scripted;

/// <summary>What the scripted coordinator answers, by method name, and what it was asked.</summary>
public sealed class Script
{
    private readonly ConcurrentDictionary<string, Func<IMessage, ServerCallContext, Task<IMessage>>> _unary = new();
    private readonly ConcurrentDictionary<string, Func<IMessage, IServerStreamWriter<IMessage>, ServerCallContext, Task>> _streams = new();

    public ConcurrentQueue<(string Method, IMessage Request, string? Authorization)> Calls { get; } = new();

    public Script On<TRequest, TResponse>(string method, Func<TRequest, TResponse> answer)
        where TRequest : IMessage
        where TResponse : IMessage
    {
        _unary[method] = (request, _) => Task.FromResult<IMessage>(answer((TRequest)request));
        return this;
    }

    public Script OnSlow<TRequest, TResponse>(string method, Func<TRequest, ServerCallContext, Task<TResponse>> answer)
        where TRequest : IMessage
        where TResponse : IMessage
    {
        _unary[method] = async (request, context) => await answer((TRequest)request, context);
        return this;
    }

    public Script OnStream<TRequest>(string method, Func<TRequest, IServerStreamWriter<IMessage>, ServerCallContext, Task> answer)
        where TRequest : IMessage
    {
        _streams[method] = (request, writer, context) => answer((TRequest)request, writer, context);
        return this;
    }

    public Script Fails(
        string method, StatusCode code, Reason reason, string message, string whatToDo = "", params FieldViolation[] violations)
    {
        _unary[method] = (_, _) => throw Error(code, reason, message, whatToDo, violations);
        return this;
    }

    public static RpcException Error(
        StatusCode code, Reason reason, string message, string whatToDo = "", params FieldViolation[] violations)
    {
        var detail = new ErrorDetail { Reason = reason, Message = message, WhatToDo = whatToDo, Violations = { violations } };
        return new RpcException(new Grpc.Core.Status(code, message), new Metadata
        {
            { "fleet-reason", reason.ToString() },
            { "fleet-error-bin", detail.ToByteArray() },
        });
    }

    public IEnumerable<T> Requests<T>(string method) => Calls.Where(c => c.Method == method).Select(c => c.Request).OfType<T>();

    internal async Task<TResponse> AnswerAsync<TResponse>(string method, IMessage request, ServerCallContext context)
    {
        Record(method, request, context);
        return _unary.TryGetValue(method, out var answer)
            ? (TResponse)await answer(request, context)
            : throw new RpcException(new Grpc.Core.Status(StatusCode.Unimplemented, $"{method} is not in the script"));
    }

    internal Task StreamAsync<TResponse>(string method, IMessage request, IServerStreamWriter<TResponse> writer, ServerCallContext context)
        where TResponse : IMessage
    {
        Record(method, request, context);
        return _streams.TryGetValue(method, out var answer)
            ? answer(request, new Upcast<TResponse>(writer), context)
            : throw new RpcException(new Grpc.Core.Status(StatusCode.Unimplemented, $"{method} is not in the script"));
    }

    private void Record(string method, IMessage request, ServerCallContext context) =>
        Calls.Enqueue((method, request, context.RequestHeaders.GetValue("authorization")));

    private sealed class Upcast<T>(IServerStreamWriter<T> writer) : IServerStreamWriter<IMessage>
    {
        public WriteOptions? WriteOptions
        {
            get => writer.WriteOptions;
            set => writer.WriteOptions = value;
        }

        public Task WriteAsync(IMessage message) => writer.WriteAsync((T)message);
    }
}
