namespace Fleet.Protocol.Edge;

/// <summary>Id of a host: a UUID in its canonical form, lower case.</summary>
public sealed record HostId
{
    private HostId(string text) => Text = text;

    public string Text { get; }

    public static implicit operator string(HostId id) => id.Text;

    /// <summary>Null if it is none.</summary>
    public static HostId? TryRead(string? text) =>
        Guid.TryParseExact(text, "D", out var id) && id.ToString("D") == text ? new HostId(text) : null;

    public override string ToString() => Text;
}
