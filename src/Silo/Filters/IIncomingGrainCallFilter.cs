namespace Orleans;

/// <summary>Wraps the handling of calls by grains. Filters run in the order in which they were added.</summary>
public interface IIncomingGrainCallFilter
{
    /// <summary>Calls <see cref="IGrainCallContext.Invoke"/> to go on, or sets the result itself, or throws.</summary>
    Task Invoke(IIncomingGrainCallContext context);
}
