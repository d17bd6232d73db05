using System.Globalization;
using System.Text;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Protocol.Edge;

/// <summary>
/// Reads the fields of one message from a peer and remembers every one that cannot be used, by its path in proto names:
/// "run.expires_at: is outside of 1970 to 2200". A field that is absent is no problem unless it says so.
/// </summary>
/// <param name="path">Of the message; empty: its fields stand alone.</param>
public sealed class WireFields(string path = "")
{
    private const int MaxProblems = 20;
    private readonly List<string> _problems = [];
    private readonly string _prefix = path.Length == 0 ? "" : path + ".";

    public bool Good => _problems.Count == 0;

    /// <summary>One line, safe to show: values are never repeated.</summary>
    public string Problem => string.Join("; ", _problems);

    public void Refuse(string field, string problem)
    {
        if (_problems.Count < MaxProblems)
        {
            _problems.Add($"{_prefix}{field}: {problem}");
        }
    }

    public DateTimeOffset? Instant(string field, Timestamp? value)
    {
        if (value is null)
        {
            return null;
        }

        if (WireTime.TryRead(value, out var instant))
        {
            return instant;
        }

        Refuse(field, "is outside of 1970 to 2200");
        return null;
    }

    public TimeSpan? Span(string field, Duration? value, TimeSpan least, TimeSpan most)
    {
        if (value is null)
        {
            return null;
        }

        if (WireTime.TryRead(value, least, most, out var span))
        {
            return span;
        }

        Refuse(field, string.Create(CultureInfo.InvariantCulture, $"is not between {least} and {most}"));
        return null;
    }

    public long Number(string field, long value, long least, long most)
    {
        if (value < least || value > most)
        {
            Refuse(field, string.Create(CultureInfo.InvariantCulture, $"is not between {least} and {most}"));
            return least;
        }

        return value;
    }

    public int Number(string field, int value, int least, int most) => (int)Number(field, (long)value, least, most);

    public RunId? RunId(string field, string value)
    {
        var id = Edge.RunId.TryRead(value);
        if (id is null)
        {
            Refuse(field, "is no run id: 32 lower-case hex digits");
        }

        return id;
    }

    /// <summary>Empty where there may be none.</summary>
    public string Policy(string field, string value, bool required = false)
    {
        if (value.Length == 0 && !required)
        {
            return "";
        }

        if (WireNames.IsPolicy(value))
        {
            return value;
        }

        Refuse(field, "is no name of a policy: 1 to 63 of a-z, 0-9 and '-', starting with a letter");
        return "";
    }

    public string Token(string field, string value, bool required = false)
    {
        if (value.Length == 0 && !required)
        {
            return "";
        }

        if (WireNames.IsToken(value))
        {
            return value;
        }

        Refuse(field, "is not valid: up to 64 of A-Z, a-z, 0-9 and '-'");
        return "";
    }

    /// <summary>Printable text of bounded size.</summary>
    public string Text(string field, string value, int maxBytes)
    {
        if (Encoding.UTF8.GetByteCount(value) > maxBytes)
        {
            Refuse(field, string.Create(CultureInfo.InvariantCulture, $"is longer than {maxBytes} bytes"));
            return "";
        }

        if (value.Any(char.IsControl))
        {
            Refuse(field, "holds control characters");
            return "";
        }

        return value;
    }
}
