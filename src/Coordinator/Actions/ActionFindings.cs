using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;

namespace Fleet.Coordinator.Actions;

/// <summary>
/// Collects what a check of one policy or one action finds. Fields are named as in the protocol: "policies[0].action.rsync.mode".
/// </summary>
internal sealed class ActionFindings
{
    private readonly List<FieldViolation> _violations = [];
    private readonly List<string> _warnings = [];

    /// <summary>What is refused.</summary>
    public IReadOnlyList<FieldViolation> Violations => _violations;

    /// <summary>What is allowed but probably not meant.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>A text for messages: control characters become U+FFFD, and the text is cut at 100 characters.</summary>
    public static string Printable(string text) =>
        WireText.Printable(text, 100);

    public static TimeSpan? TryRead(Duration? duration)
    {
        if (duration is null
            || duration.Seconds is > 400_000_000_000 or < -400_000_000_000
            || Math.Abs((long)duration.Nanos) >= 1_000_000_000)
        {
            return null;
        }

        try
        {
            return duration.ToTimeSpan();
        }
        catch (Exception exception) when (exception is OverflowException or InvalidOperationException)
        {
            return null;
        }
    }

    public void Refuse(string field, string message) => _violations.Add(new FieldViolation { Field = field, Message = message });

    public void RefuseIf(bool wrong, string field, string message)
    {
        if (wrong)
        {
            Refuse(field, message);
        }
    }

    public void RefuseNegative(long value, string field) => RefuseIf(value < 0, field, "must not be negative");

    public void Warn(string message) => _warnings.Add(message);

    /// <returns>Null if it is missing or was refused.</returns>
    public TimeSpan? Check(Duration? duration, string field, TimeSpan least, TimeSpan most)
    {
        if (duration is null)
        {
            return null;
        }

        if (TryRead(duration) is { } value && value >= least && value <= most)
        {
            return value;
        }

        Refuse(field, $"must be between {least} and {most}");
        return null;
    }
}
