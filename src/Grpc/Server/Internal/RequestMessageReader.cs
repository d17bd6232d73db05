using System.Buffers;
using Grpc.Core;
using Grpc.Core.Wire;
using Microsoft.AspNetCore.Connections;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>
/// Reads messages from a request body. Unread bytes stay in the body's pipe, which holds at most what HTTP/2 flow control allows, or one
/// message up to its size limit.
/// </summary>
internal sealed class RequestMessageReader<T>(HttpContextServerCallContext call, Marshaller<T> marshaller)
    where T : class
{
    private readonly MessagePayload _payload = new();

    /// <summary>The next message; null at the stream's end.</summary>
    /// <exception cref="RpcException">The bytes break the protocol, or the message is too large.</exception>
    public async ValueTask<T?> ReadAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await ReadCoreAsync(cancellationToken);
        }
        catch (Exception e) when (e is IOException or ConnectionAbortedException)
        {
            // The request's abortion is announced a moment after its body fails.
            call.RequestBroke();
            throw;
        }
    }

    /// <summary>The only message of a request.</summary>
    public async ValueTask<T> ReadSingleAsync(CancellationToken cancellationToken)
    {
        var message = await ReadAsync(cancellationToken) ?? throw MessageFrame.Incomplete();
        var reader = call.HttpContext.Request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            if (!result.Buffer.IsEmpty)
            {
                reader.AdvanceTo(result.Buffer.End);
                throw new RpcException(new Status(StatusCode.Internal, "Additional data after the message received."));
            }

            reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                return message;
            }
        }
    }

    private async ValueTask<T?> ReadCoreAsync(CancellationToken cancellationToken)
    {
        var reader = call.HttpContext.Request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            if (result.IsCanceled)
            {
                throw new OperationCanceledException("The call was cancelled.");
            }

            if (TryRead(buffer, out var message, out var consumed))
            {
                reader.AdvanceTo(consumed);
                return message;
            }

            if (result.IsCompleted)
            {
                var isEnd = buffer.IsEmpty;
                reader.AdvanceTo(buffer.End);
                return isEnd ? null : throw MessageFrame.Incomplete();
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    private bool TryRead(in ReadOnlySequence<byte> buffer, out T? message, out SequencePosition consumed)
    {
        message = null;
        consumed = buffer.Start;
        var environment = call.Environment;
        if (!MessageFrame.TryReadHeader(buffer, environment.MaxReceiveMessageSizeBytes, out var compressed, out var length)
            || buffer.Length - MessageFrame.HeaderSizeBytes < length)
        {
            return false;
        }

        var payload = buffer.Slice(MessageFrame.HeaderSizeBytes, length);
        if (compressed)
        {
            using var plain = environment.Compression.Decompress(payload, call.RequestEncoding, environment.MaxReceiveMessageSizeBytes);
            message = _payload.Deserialize(marshaller.ContextualDeserializer, new ReadOnlySequence<byte>(plain.WrittenMemory));
        }
        else
        {
            message = _payload.Deserialize(marshaller.ContextualDeserializer, payload);
        }

        consumed = payload.End;
        return true;
    }
}
