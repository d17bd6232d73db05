using System.Security.Cryptography;
using System.Text;

namespace Fleet.Coordinator.State.Identity;

/// <summary>
/// "PREFIX.ID.SECRET": the form of join tokens and of operators' bearer tokens. The id finds the row and may be logged; the
/// secret is compared with a hash. Plain SHA-256 is enough for it: it is random and has 160 bits, so there is nothing to guess.
/// </summary>
internal sealed class Credential
{
    /// <summary>Prefix of join tokens.</summary>
    public const string JoinPrefix = "fleet1";

    /// <summary>Prefix of operators' bearer tokens.</summary>
    public const string OperatorPrefix = "fleetop";

    private const int IdLength = 8;
    private const int SecretLength = 32;
    private const string IdAlphabet = "abcdefghijklmnopqrstuvwxyz0123456789";
    private const string SecretAlphabet = "abcdefghijklmnopqrstuvwxyz234567";

    private readonly string _secret;

    private Credential(string prefix, string id, string secret)
    {
        Prefix = prefix;
        Id = id;
        _secret = secret;
    }

    public string Prefix { get; }

    /// <summary>8 characters of a-z and 0-9.</summary>
    public string Id { get; }

    /// <summary>SHA-256 of the secret, which is what is stored.</summary>
    public byte[] SecretHash => SHA256.HashData(Encoding.UTF8.GetBytes(_secret));

    /// <summary>Creates a credential from the system's random numbers.</summary>
    public static Credential Create(string prefix) => new(
        prefix,
        RandomNumberGenerator.GetString(IdAlphabet, IdLength),
        RandomNumberGenerator.GetString(SecretAlphabet, SecretLength));

    /// <summary>Null if the text does not have the form.</summary>
    public static Credential? Parse(string prefix, string text)
    {
        var parts = text.Split('.');
        return parts.Length == 3
            && parts[0] == prefix
            && parts[1].Length == IdLength
            && parts[2].Length == SecretLength
            && parts[1].All(c => IdAlphabet.Contains(c, StringComparison.Ordinal))
            && parts[2].All(c => SecretAlphabet.Contains(c, StringComparison.Ordinal))
            ? new Credential(prefix, parts[1], parts[2])
            : null;
    }

    /// <summary>Compares the secret in constant time.</summary>
    public bool Matches(byte[] secretHash) => CryptographicOperations.FixedTimeEquals(SecretHash, secretHash);

    /// <summary>The whole text including the secret, to be shown to its owner once. Never log it.</summary>
    public string Reveal() => $"{Prefix}.{Id}.{_secret}";

    /// <summary>The credential without its secret.</summary>
    public override string ToString() => $"{Prefix}.{Id}.***";
}
