namespace Orleans.Concurrency;

/// <summary>The caller does not wait: the call is complete when it was sent, and its failure is only logged.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class OneWayAttribute : Attribute;
