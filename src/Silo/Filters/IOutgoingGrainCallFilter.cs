namespace Orleans;

/// <summary>Wraps the making of calls. Filters run in the order in which they were added.</summary>
public interface IOutgoingGrainCallFilter
{
    /// <summary>Calls <see cref="IGrainCallContext.Invoke"/> to go on, or sets the result itself, or throws.</summary>
    Task Invoke(IOutgoingGrainCallContext context);
}
