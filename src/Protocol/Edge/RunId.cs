namespace Fleet.Protocol.Edge;

/// <summary>
/// Id of a run: exactly 32 lower-case hex digits. Only what passed the check has this type, so that whoever makes a name, a path or a
/// property of it cannot get anything else.
/// </summary>
public sealed record RunId
{
    private const int Length = 32;

    private RunId(string text) => Text = text;

    public string Text { get; }

    public static implicit operator string(RunId id) => id.Text;

    /// <summary>Null if it is none.</summary>
    public static RunId? TryRead(string? text) =>
        text is { Length: Length } && text.All(char.IsAsciiHexDigitLower) ? new RunId(text) : null;

    /// <exception cref="FormatException">It is none.</exception>
    public static RunId Parse(string text) => TryRead(text) ?? throw new FormatException("a run id has 32 lower-case hex digits");

    public override string ToString() => Text;
}
