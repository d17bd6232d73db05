namespace Fleet.Coordinator.Health;

/// <summary>Whether this process can do its work now.</summary>
internal interface IReadiness
{
    /// <summary>Null: ready. Otherwise why not, in one sentence.</summary>
    string? NotReadyReason { get; }
}
