using Grpc.Core;
using Grpc.Reflection.V1;

namespace Fleet.Coordinator.Reflection;

/// <summary>grpc.reflection.v1.ServerReflection.</summary>
internal sealed class ReflectionRpc(ReflectionAnswers answers) : ServerReflection.ServerReflectionBase
{
    public override async Task ServerReflectionInfo(
        IAsyncStreamReader<ServerReflectionRequest> requestStream,
        IServerStreamWriter<ServerReflectionResponse> responseStream,
        ServerCallContext context)
    {
        while (await requestStream.MoveNext(context.CancellationToken))
        {
            await responseStream.WriteAsync(answers.Answer(requestStream.Current), context.CancellationToken);
        }
    }
}
