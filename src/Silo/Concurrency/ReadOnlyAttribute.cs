namespace Orleans.Concurrency;

/// <summary>Calls of such methods run side by side with each other, never with another method's.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ReadOnlyAttribute : Attribute;
