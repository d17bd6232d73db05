using Fleet.Protocol.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Fleet.Coordinator.Errors;

/// <summary>
/// The only way in which a call fails: status code, message, and the trailers <c>fleet-reason</c> and <c>fleet-error-bin</c>
/// that proto/fleet/v1/error.proto promises.
/// </summary>
internal static class FleetError
{
    /// <summary>Trailer with the reason's name without its prefix, for example POLICY_INVALID.</summary>
    public const string ReasonTrailer = "fleet-reason";

    /// <summary>Trailer with the serialised <see cref="ErrorDetail"/>.</summary>
    public const string DetailTrailer = "fleet-error-bin";

    /// <summary>
    /// Trailers share HTTP/2's header budget (16 KiB by default in most clients): more violations than this are counted, not listed.
    /// </summary>
    private const int MaxDetailBytes = 6 * 1024;

    /// <param name="whatToDo">What the reader can do about it; empty if there is nothing to do but try again.</param>
    /// <param name="extraTrailers">Further trailers, for example the oldest sequence of an expired cursor.</param>
    public static RpcException Create(
        StatusCode code,
        Reason reason,
        string message,
        string whatToDo = "",
        IEnumerable<FieldViolation>? violations = null,
        IEnumerable<KeyValuePair<string, string>>? extraTrailers = null)
    {
        var detail = new ErrorDetail { Reason = reason, Message = message, WhatToDo = whatToDo };
        var omitted = 0;
        var size = detail.CalculateSize();
        foreach (var violation in violations ?? [])
        {
            size += violation.CalculateSize() + 4;
            if (size > MaxDetailBytes)
            {
                omitted++;
            }
            else
            {
                detail.Violations.Add(violation);
            }
        }

        if (omitted > 0)
        {
            detail.Violations.Add(new FieldViolation { Field = "", Message = $"and {omitted} more" });
        }

        var trailers = new Metadata
        {
            { ReasonTrailer, NameOf(reason) },
            { DetailTrailer, detail.ToByteArray() },
        };
        foreach (var (key, value) in extraTrailers ?? [])
        {
            trailers.Add(key, value);
        }

        return new RpcException(new Status(code, message), trailers);
    }

    /// <summary>One field is missing, malformed or out of range.</summary>
    public static RpcException InvalidArgument(string field, string message, string whatToDo = "") =>
        Create(
            StatusCode.InvalidArgument,
            Reason.InvalidArgument,
            $"{field}: {message}",
            whatToDo,
            [new FieldViolation { Field = field, Message = message }]);

    /// <summary>No such host, policy, run, token or operator.</summary>
    public static RpcException NotFound(string message, string whatToDo = "") =>
        Create(StatusCode.NotFound, Reason.NotFound, message, whatToDo);

    /// <summary>The reason's name in error.proto, without the prefix: INVALID_ARGUMENT, POLICY_INVALID...</summary>
    public static string NameOf(Reason reason)
    {
        var value = ErrorReflection.Descriptor.EnumTypes[0].FindValueByNumber((int)reason);
        return value is null ? ((int)reason).ToString(System.Globalization.CultureInfo.InvariantCulture) : value.Name["REASON_".Length..];
    }
}
