using System.Diagnostics.CodeAnalysis;

namespace Fleet.Cli.Outcomes;

/// <summary>A value, or the reason why there is none.</summary>
internal sealed record Outcome<T>
    where T : class
{
    private Outcome(T? value, CliFailure? failure) => (Value, Failure) = (value, failure);

    public T? Value { get; }

    public CliFailure? Failure { get; }

    [MemberNotNullWhen(true, nameof(Value))]
    [MemberNotNullWhen(false, nameof(Failure))]
    public bool Succeeded => Value is not null;

    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(CliFailure failure) => new(null, failure);
}
