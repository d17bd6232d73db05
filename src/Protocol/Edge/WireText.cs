namespace Fleet.Protocol.Edge;

/// <summary>Texts of a peer, on their way into a store or a message. Pure.</summary>
public static class WireText
{
    /// <summary>At most so many characters, and never half of a surrogate pair.</summary>
    public static string Cut(string text, int maxChars) =>
        text.Length <= maxChars ? text : text[..(char.IsHighSurrogate(text[maxChars - 1]) ? maxChars - 1 : maxChars)];

    /// <summary>For a line of a message: cut, and control characters as U+FFFD.</summary>
    public static string Printable(string text, int maxChars) =>
        string.Concat(Cut(text, maxChars).Select(static c => char.IsControl(c) ? '\uFFFD' : c));
}
