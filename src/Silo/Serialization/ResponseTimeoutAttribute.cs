using System.Globalization;

namespace Orleans;

/// <summary>How long a caller of this method waits for its answer, in place of the silo's <c>ResponseTimeout</c>.</summary>
/// <param name="timeout">A <see cref="TimeSpan"/> in its invariant form, "00:00:05".</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ResponseTimeoutAttribute(string timeout) : Attribute
{
    /// <summary>The time limit.</summary>
    public TimeSpan? Timeout { get; init; } = TimeSpan.Parse(timeout, CultureInfo.InvariantCulture);
}
