using Fleet.Protocol.V1;
using Fleet.Testing.Fuzz;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Core;

namespace Fleet.Coordinator.Tests.Fuzz;

/// <summary>A caller of every method of a service, with whatever a request can hold.</summary>
internal sealed class HostileOperator(CallInvoker invoker, RandomMessages messages)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan StreamTime = TimeSpan.FromMilliseconds(100);

    private static readonly StatusCode[] Bugs = [StatusCode.Internal, StatusCode.Unknown, StatusCode.DataLoss, StatusCode.Unimplemented];

    private static readonly Marshaller<byte[]> Raw = Marshallers.Create(static bytes => bytes, static bytes => bytes);

    /// <summary>One call. Fails the test when the coordinator does not know what to say.</summary>
    public async Task CallAsync(MethodDescriptor method)
    {
        var request = messages.Make(method.InputType);
        if (request is RemoveHostRequest { Host: not "" } removal)
        {
            // The other hosts are still needed.
            removal.Host = "victim";
        }

        try
        {
            if (method.IsServerStreaming)
            {
                await StreamAsync(method, request);
            }
            else
            {
                var options = new CallOptions(deadline: (TimeProvider.System.GetUtcNow() + Patience).UtcDateTime);
                var answer = await invoker.AsyncUnaryCall(MethodOf(method, MethodType.Unary), null, options, request.ToByteArray());
                JsonFormatter.Default.Format(method.OutputType.Parser.ParseFrom(answer));
            }
        }
        catch (RpcException exception)
        {
            Assert.False(
                Bugs.Contains(exception.StatusCode) || (exception.StatusCode == StatusCode.DeadlineExceeded && !method.IsServerStreaming),
                $"{method.FullName} of {request}: {exception.Status}");
        }
    }

    private static Method<byte[], byte[]> MethodOf(MethodDescriptor method, MethodType type) =>
        new(type, method.Service.FullName, method.Name, Raw, Raw);

    private async Task StreamAsync(MethodDescriptor method, IMessage request)
    {
        var options = new CallOptions(deadline: (TimeProvider.System.GetUtcNow() + StreamTime).UtcDateTime);
        using var call = invoker.AsyncServerStreamingCall(
            MethodOf(method, MethodType.ServerStreaming), null, options, request.ToByteArray());
        for (var read = 0; read < 20 && await call.ResponseStream.MoveNext(CancellationToken.None); read++)
        {
            JsonFormatter.Default.Format(method.OutputType.Parser.ParseFrom(call.ResponseStream.Current));
        }
    }
}
