namespace Orleans.Concurrency;

/// <summary>Wraps a value that its sender promises not to change any more: it is shared, not copied.</summary>
[GenerateSerializer]
[Immutable]
public readonly struct Immutable<T>(T value)
{
    /// <summary>The value.</summary>
    [Id(0)]
    public readonly T Value = value;
}
