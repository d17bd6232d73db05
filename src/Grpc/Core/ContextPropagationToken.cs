namespace Grpc.Core;

/// <summary>Deadline and cancellation of a server call, made by <see cref="ServerCallContext.CreatePropagationToken"/>.</summary>
public abstract class ContextPropagationToken
{
    internal ContextPropagationToken()
    {
    }
}
