namespace Fleet.Agent.Edge;

/// <summary>A run that was asked for with something that cannot be used. Its result says what.</summary>
internal sealed record RefusedOrder : RunHead
{
    /// <summary>One line, safe to show.</summary>
    public required string Problem { get; init; }
}
