using Grpc.Core;
using Grpc.Reflection.V1;

namespace Fleet.Coordinator.Reflection;

/// <summary>grpc.reflection.v1.ServerReflection.</summary>
internal sealed class ReflectionRpc(ReflectionAnswers answers) : ServerReflection.ServerReflectionBase
{
    public override Task ServerReflectionInfo(
        IAsyncStreamReader<ServerReflectionRequest> requestStream,
        IServerStreamWriter<ServerReflectionResponse> responseStream,
        ServerCallContext context) =>
        answers.AnswerAllAsync(requestStream, responseStream, answers.Answer, context.CancellationToken);
}
