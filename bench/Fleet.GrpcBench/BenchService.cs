using Fleet.GrpcBench.Protocol;
using Google.Protobuf;
using Grpc.Core;

namespace Fleet.GrpcBench;

internal sealed class BenchService : Bench.BenchBase
{
    public override Task<Block> Echo(Block request, ServerCallContext context) => Task.FromResult(request);

    public override async Task<Count> Upload(IAsyncStreamReader<Block> requestStream, ServerCallContext context)
    {
        var count = 0;
        while (await requestStream.MoveNext(context.CancellationToken))
        {
            count++;
        }

        return new Count { Messages = count };
    }

    public override async Task Download(Count request, IServerStreamWriter<Block> responseStream, ServerCallContext context)
    {
        var block = new Block { Body = ByteString.CopyFrom(new byte[request.SizeBytes]) };
        for (var i = 0; i < request.Messages; i++)
        {
            await responseStream.WriteAsync(block);
        }
    }
}
