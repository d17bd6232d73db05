using Fleet.Coordinator.Errors;
using Fleet.Protocol.Edge;
using Fleet.Protocol.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Fleet.Coordinator.Edge;

/// <summary>Checks the form of request fields. Each check throws INVALID_ARGUMENT with the field's name.</summary>
internal static class RequestRules
{
    private const int MaxLabels = 64;
    private const int MaxLabelKey = 128;
    private const int MaxLabelValue = 256;

    /// <summary>1 to 253 of a-z, 0-9, '-', '.', starting with a letter or digit.</summary>
    public static void HostName(string field, string name)
    {
        if (!WireNames.IsHost(name))
        {
            throw FleetError.InvalidArgument(
                field,
                "must be 1 to 253 of a-z, 0-9, '-' and '.', starting with a letter or digit",
                "Set `name` in agent.yaml, or give --name.");
        }
    }

    /// <summary>1 to 63 of a-z, 0-9, '-', '.', '_', '@'.</summary>
    public static void OperatorName(string field, string name)
    {
        if (name.Length is 0 or > 63 || !name.All(static c => IsLowerAlphanumeric(c) || c is '-' or '.' or '_' or '@'))
        {
            throw FleetError.InvalidArgument(field, "must be 1 to 63 of a-z, 0-9, '-', '.', '_' and '@'");
        }
    }

    public static void RequestId(string requestId)
    {
        if (!Guid.TryParse(requestId, out _))
        {
            throw FleetError.InvalidArgument("request_id", "must be a UUID made by the caller");
        }
    }

    public static void Labels(string field, IReadOnlyCollection<KeyValuePair<string, string>> labels)
    {
        if (labels.Count > MaxLabels)
        {
            throw FleetError.InvalidArgument(field, $"has more than {MaxLabels} labels");
        }

        foreach (var (key, value) in labels)
        {
            if (!IsLabelKey(key))
            {
                throw FleetError.InvalidArgument(
                    field, $"has a key that is not 1 to {MaxLabelKey} of letters, digits, '-', '.', '_' and '/'");
            }

            if (!IsLabelValue(value))
            {
                throw FleetError.InvalidArgument(
                    $"{field}[\"{key}\"]", $"must be at most {MaxLabelValue} characters without control characters");
            }
        }
    }

    public static bool IsLabel(string key, string value) => IsLabelKey(key) && IsLabelValue(value);

    public static TimeSpan Lifetime(string field, Duration? requested, TimeSpan standard, TimeSpan min, TimeSpan max)
    {
        if (requested is null)
        {
            return standard;
        }

        // Compared as seconds: a hostile Duration does not fit a TimeSpan.
        if (requested.Seconds < (long)min.TotalSeconds || requested.Seconds > (long)max.TotalSeconds)
        {
            throw FleetError.InvalidArgument(field, $"must be {Words(min)} to {Words(max)}");
        }

        return TimeSpan.FromSeconds(requested.Seconds);
    }

    public static void Role(string field, Role role)
    {
        if (role is not (Protocol.V1.Role.Viewer or Protocol.V1.Role.Operator or Protocol.V1.Role.Admin))
        {
            throw FleetError.InvalidArgument(field, "must be ROLE_VIEWER, ROLE_OPERATOR or ROLE_ADMIN");
        }
    }

    public static void Text(string field, string text, int maxChars)
    {
        if (text.Length > maxChars)
        {
            throw FleetError.InvalidArgument(field, $"is longer than {maxChars} characters");
        }
    }

    public static RpcException RequestIdReused() => FleetError.Create(
        StatusCode.AlreadyExists,
        Reason.RequestIdReused,
        "this request_id came before with a different request",
        "Make a new UUID for each new request; repeat a request unchanged.");

    private static bool IsLabelKey(string key) =>
        key.Length is > 0 and <= MaxLabelKey && key.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '/');

    private static bool IsLabelValue(string value) => value.Length <= MaxLabelValue && !value.Any(char.IsControl);

    private static bool IsLowerAlphanumeric(char c) => c is (>= 'a' and <= 'z') or (>= '0' and <= '9');

    private static string Words(TimeSpan span) => span.TotalDays >= 1 ? $"{(int)span.TotalDays} days" : $"{(int)span.TotalMinutes} min";
}
