using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Coordinator.Edge;

/// <summary>The stream of an agent after <see cref="AgentEdge"/>: its readers see nothing raw.</summary>
internal sealed class CleanMessages(IAsyncStreamReader<AgentMessage> raw) : IAsyncStreamReader<AgentMessage>
{
    public AgentMessage Current => raw.Current;

    /// <exception cref="RpcException">As <see cref="AgentEdge.Clean"/>.</exception>
    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (!await raw.MoveNext(cancellationToken))
        {
            return false;
        }

        AgentEdge.Clean(raw.Current);
        return true;
    }
}
