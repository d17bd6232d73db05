using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Alerts;

/// <summary>A feature that knows about things that need a person: hosts, policies, metrics...</summary>
internal interface IAttentionSource
{
    /// <summary>Everything that needs a person now, in any order.</summary>
    ValueTask<IReadOnlyList<Attention>> CollectAsync(CancellationToken cancellationToken);
}
