using Google.Protobuf;
using Grpc.Core;
using Grpc.Reflection.V1Alpha;

namespace Fleet.Coordinator.Reflection;

/// <summary>grpc.reflection.v1alpha.ServerReflection, which many tools still ask for: the same messages under an older name.</summary>
internal sealed class ReflectionAlphaRpc(ReflectionAnswers answers) : ServerReflection.ServerReflectionBase
{
    public override Task ServerReflectionInfo(
        IAsyncStreamReader<ServerReflectionRequest> requestStream,
        IServerStreamWriter<ServerReflectionResponse> responseStream,
        ServerCallContext context) =>
        answers.AnswerAllAsync(requestStream, responseStream, Answer, context.CancellationToken);

    private ServerReflectionResponse Answer(ServerReflectionRequest request)
    {
        var question = Grpc.Reflection.V1.ServerReflectionRequest.Parser.ParseFrom(request.ToByteArray());
        return ServerReflectionResponse.Parser.ParseFrom(answers.Answer(question).ToByteArray());
    }
}
