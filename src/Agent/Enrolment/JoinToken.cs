using System.Text.RegularExpressions;

namespace Fleet.Agent.Enrolment;

/// <summary>
/// A join token as `fleet token create` prints it: <c>fleet1.ID.SECRET.HASH</c>, where HASH is the SHA-256 of the
/// authority's certificate in DER form, in hex.
/// </summary>
internal sealed partial record JoinToken(string Id, string Secret, string AuthorityHash)
{
    /// <summary>The part that the coordinator gets to see.</summary>
    public string Credential => $"fleet1.{Id}.{Secret}";

    /// <returns>Null when the text is not a whole join token.</returns>
    public static JoinToken? Parse(string text)
    {
        var match = Shape().Match(text.Trim());
        return match.Success
            ? new JoinToken(match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value.ToLowerInvariant())
            : null;
    }

    [GeneratedRegex(@"^fleet1\.([a-z0-9]{1,32})\.([A-Za-z0-9_-]{16,128})\.([0-9a-fA-F]{64})$")]
    private static partial Regex Shape();
}
