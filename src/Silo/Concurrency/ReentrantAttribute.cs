namespace Orleans.Concurrency;

/// <summary>Requests to such a grain interleave at every await.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class ReentrantAttribute : Attribute;
