using Fleet.Coordinator.Errors;
using Fleet.Protocol.V1;
using Google.Protobuf.Reflection;
using Grpc.Core;
using Grpc.Reflection.V1;

namespace Fleet.Coordinator.Reflection;

/// <summary>Answers the questions of grpc.reflection.v1.</summary>
internal sealed class ReflectionAnswers(DescriptorIndex index, IHostApplicationLifetime lifetime)
{
    /// <summary>One answer for each question, until there are no more or the coordinator stops.</summary>
    public async Task AnswerAllAsync<TQuestion, TAnswer>(
        IAsyncStreamReader<TQuestion> questions,
        IServerStreamWriter<TAnswer> answers,
        Func<TQuestion, TAnswer> answer,
        CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        try
        {
            while (await questions.MoveNext(stop.Token))
            {
                await answers.WriteAsync(answer(questions.Current), stop.Token);
            }
        }
        catch (OperationCanceledException) when (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            throw FleetError.Create(StatusCode.Unavailable, Reason.Unavailable, "the coordinator stops", "ask again in a few seconds");
        }
    }

    public ServerReflectionResponse Answer(ServerReflectionRequest request)
    {
        var response = new ServerReflectionResponse { ValidHost = request.Host, OriginalRequest = request };
        switch (request.MessageRequestCase)
        {
            case ServerReflectionRequest.MessageRequestOneofCase.ListServices:
                response.ListServicesResponse = new ListServiceResponse();
                response.ListServicesResponse.Service.AddRange(index.Services.Select(static name => new ServiceResponse { Name = name }));
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.FileByFilename:
                Fill(response, index.FindFile(request.FileByFilename), "file");
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.FileContainingSymbol:
                Fill(response, index.FindSymbol(request.FileContainingSymbol), "symbol");
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.FileContainingExtension:
                Fill(response, null, "extension"); // proto3: we have none.
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.AllExtensionNumbersOfType
                when index.IsMessage(request.AllExtensionNumbersOfType):
                response.AllExtensionNumbersResponse = new ExtensionNumberResponse { BaseTypeName = request.AllExtensionNumbersOfType };
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.AllExtensionNumbersOfType:
                response.ErrorResponse = Error(StatusCode.NotFound, "there is no such message here");
                break;
            default:
                response.ErrorResponse = Error(StatusCode.InvalidArgument, "the question is missing, or not one that this server knows");
                break;
        }

        return response;
    }

    private static void Fill(ServerReflectionResponse response, FileDescriptor? file, string what)
    {
        if (file is null)
        {
            response.ErrorResponse = Error(StatusCode.NotFound, $"there is no such {what} here");
            return;
        }

        response.FileDescriptorResponse = new FileDescriptorResponse();
        response.FileDescriptorResponse.FileDescriptorProto.AddRange(DescriptorIndex.WithImports(file));
    }

    private static ErrorResponse Error(StatusCode code, string message) => new() { ErrorCode = (int)code, ErrorMessage = message };
}
