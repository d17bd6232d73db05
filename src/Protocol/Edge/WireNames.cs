namespace Fleet.Protocol.Edge;

/// <summary>Which names the parts of a fleet have. Pure.</summary>
public static class WireNames
{
    public const int MaxPolicyLength = 63;
    public const int MaxHostLength = 253;

    /// <summary>PolicySpec.name: 1 to 63 of a-z, 0-9 and '-', starting with a letter.</summary>
    public static bool IsPolicy(string? name) =>
        name is { Length: > 0 and <= MaxPolicyLength } && char.IsAsciiLetterLower(name[0])
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    /// <summary>EnrollRequest.host_name: 1 to 253 of a-z, 0-9, '-' and '.', starting with a letter or digit.</summary>
    public static bool IsHost(string? name) =>
        name is { Length: > 0 and <= MaxHostLength } && char.IsAsciiLetterOrDigit(name[0])
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.');

    /// <summary>Ids that a peer makes at random (sessions, processes, outboxes): up to 64 of A-Z, a-z, 0-9 and '-'.</summary>
    public static bool IsToken(string? text) =>
        text is { Length: > 0 and <= 64 } && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');
}
