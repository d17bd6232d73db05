namespace Fleet.Coordinator.Health;

/// <summary>Whether this process can do its work now.</summary>
internal interface IReadiness
{
    /// <summary>Null if ready; otherwise why not, in one sentence.</summary>
    string? NotReadyReason { get; }
}
