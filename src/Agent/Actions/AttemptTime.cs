namespace Fleet.Agent.Actions;

/// <summary>The time that is left of an attempt, from its start on.</summary>
internal sealed class AttemptTime(ActionContext context)
{
    private readonly long _startedAt = context.Time.GetTimestamp();

    /// <summary>At most so long, and no longer than the attempt may still take, but a second.</summary>
    public TimeSpan Limit(TimeSpan most)
    {
        var left = context.Timeout - context.Time.GetElapsedTime(_startedAt);
        return left > most ? most : left > TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1);
    }
}
