namespace Orleans.Concurrency;

/// <summary>Calls of this method start at once, between the awaits of whatever else the grain does.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class AlwaysInterleaveAttribute : Attribute;
