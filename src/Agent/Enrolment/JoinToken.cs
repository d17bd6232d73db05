using System.Diagnostics.CodeAnalysis;

namespace Fleet.Agent.Enrolment;

/// <summary>"fleet1.ID.SECRET.HASH", as `fleet token create` prints it.</summary>
/// <param name="Id">May be logged.</param>
/// <param name="Secret">What the coordinator gets: the token without the hash.</param>
/// <param name="AuthorityHash">SHA-256 of the authority's certificate, 64 lower-case hex digits.</param>
internal sealed record JoinToken(string Id, string Secret, string AuthorityHash)
{
    public static bool TryParse(string text, [NotNullWhen(true)] out JoinToken? token)
    {
        token = text.Trim().Split('.') is ["fleet1", { Length: > 0 } id, { Length: > 0 } secret, { Length: 64 } hash]
            && hash.All(char.IsAsciiHexDigit)
            ? new JoinToken(id, $"fleet1.{id}.{secret}", hash.ToLowerInvariant())
            : null;
        return token is not null;
    }

    /// <summary>Without the secret.</summary>
    public override string ToString() => $"fleet1.{Id}";
}
