namespace Orleans;

/// <summary>A filter that is one method.</summary>
public delegate Task IncomingGrainCallFilterDelegate(IIncomingGrainCallContext context);
