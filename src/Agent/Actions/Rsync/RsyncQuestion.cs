using System.Security.Cryptography;
using System.Text;
using Fleet.Protocol.V1;
using Google.Protobuf;

namespace Fleet.Agent.Actions.Rsync;

/// <summary>
/// What a person must decide before a run may continue, and the digits that stand for exactly that: another set of deletions, another owner
/// or another destination has other digits.
/// </summary>
internal sealed class RsyncQuestion
{
    private readonly List<string> _reasons = [];
    private readonly List<byte[]> _subjects = [];

    public bool Asks => _reasons.Count > 0;

    /// <summary>Why, one line.</summary>
    public string Why => string.Join("; ", _reasons);

    /// <param name="reason">For a person, safe to show. May hold numbers that change without changing what is asked.</param>
    /// <param name="subject">What exactly is asked about.</param>
    public void Add(string reason, byte[] subject)
    {
        _reasons.Add(reason);
        _subjects.Add(subject);
    }

    /// <inheritdoc cref="Add(string, byte[])"/>
    public void Add(string reason, string subject) => Add(reason, Encoding.UTF8.GetBytes(subject));

    /// <summary>Belongs to what is confirmed without being a reason to ask.</summary>
    public void Include(byte[] subject) => _subjects.Add(subject);

    /// <summary>16 hex digits. Empty if nothing asks.</summary>
    public string Digits(RsyncAction action)
    {
        if (!Asks)
        {
            return "";
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in _subjects.Prepend(action.Destination.ToByteArray()).Prepend([(byte)action.Mode]))
        {
            // Lengths keep two neighbouring parts from being read as one.
            hash.AppendData(BitConverter.GetBytes((long)part.Length));
            hash.AppendData(part);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }

    public bool IsConfirmed(RsyncAction action) => Asks && action.Confirmation == Digits(action);

    /// <summary>How a person says yes. Safe to show.</summary>
    public string HowToConfirm(ActionContext context)
    {
        var digits = Digits(context.Action.Rsync);
        var other = context.Action.Rsync.Confirmation.Length > 0 ? "what was confirmed was a different plan; " : "";
        return context.Policy.Length > 0
            ? $"{other}if that is right: fleet run {context.Policy} --host {context.HostName} --confirm {digits}"
            : $"{other}it can be confirmed in a run of a policy";
    }
}
