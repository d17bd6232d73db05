using Fleet.Grpc.Tests.Infrastructure;
using Grpc.Core;
using Grpc.Testing;

namespace Fleet.Grpc.Tests;

/// <summary>
/// A server that refuses a stream says why. The read always learns it; a write that meets the refusal may only say that the call is over.
/// </summary>
public sealed class RefusalTests
{
    private const int Calls = 100;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Server_EndsAStreamWithTrailers_ReadHasThem(int readsBefore)
    {
        var service = new ScriptedService
        {
            Duplex = async (requests, _, _) =>
            {
                for (var i = 0; i < readsBefore; i++)
                {
                    await requests.MoveNext(CancellationToken.None);
                }

                throw new RpcException(
                    new Status(StatusCode.PermissionDenied, "no"), new Metadata { { "fleet-reason", "IDENTITY_REVOKED" } });
            },
        };
        await using var server = await service.ServeAsync();
        for (var i = 0; i < Calls; i++)
        {
            using var channel = server.Connect();
            using var call = new TestService.TestServiceClient(channel).FullDuplexCall();
            var write = await WriteUntilItFailsAsync(call.RequestStream).FailsAsync();
            Assert.Contains(write.StatusCode, (StatusCode[])[StatusCode.PermissionDenied, StatusCode.Cancelled]);
            var read = await call.ResponseStream.MoveNext().FailsAsync();
            Assert.Equal((StatusCode.PermissionDenied, "IDENTITY_REVOKED"), (read.StatusCode, read.Trailers.GetValue("fleet-reason")));
        }
    }

    private static async Task WriteUntilItFailsAsync(IClientStreamWriter<StreamingOutputCallRequest> requests)
    {
        while (true)
        {
            await requests.WriteAsync(new StreamingOutputCallRequest()).InTimeAsync();
        }
    }
}
