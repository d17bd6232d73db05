namespace Orleans.Concurrency;

/// <summary>A short way to <see cref="Immutable{T}"/>.</summary>
public static class ImmutableExtensions
{
    /// <summary>Wraps a value that is not changed any more.</summary>
    public static Immutable<T> AsImmutable<T>(this T value) => new(value);
}
