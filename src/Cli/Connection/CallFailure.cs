using System.Net.Sockets;
using System.Security.Authentication;
using Fleet.Cli.Outcomes;
using Fleet.Cli.Output;
using Fleet.Protocol.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Fleet.Cli.Connection;

/// <summary>Turns a failed call into a message for a person, from the coordinator's own details if it sent any.</summary>
internal static class CallFailure
{
    /// <summary>The trailer with the details; null if the coordinator sent none or was not reached.</summary>
    public static ErrorDetail? DetailOf(RpcException e)
    {
        if (e.Trailers.GetValueBytes("fleet-error-bin") is not { } bytes)
        {
            return null;
        }

        try
        {
            return ErrorDetail.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    public static CliFailure From(RpcException e, Uri address, TimeSpan timeout)
    {
        if (DetailOf(e) is { } detail)
        {
            var message = detail.Message.Length > 0 ? detail.Message : e.Status.Detail;
            return new CliFailure(CodeOf(e.StatusCode), message, detail.WhatToDo)
            {
                // If only one field was refused, the message already describes it.
                Details = [.. detail.Violations.Select(v => $"{v.Field}: {v.Message}").Where(d => d != message)],
            };
        }

        var at = address.GetLeftPart(UriPartial.Authority);
        return e.StatusCode switch
        {
            StatusCode.DeadlineExceeded => new CliFailure(
                ExitCode.NotReachable,
                $"{at} did not answer within {HumanText.Span(timeout)}",
                "wait longer with --timeout, or look at the coordinator's log (journalctl -u fleet-coordinator)"),
            StatusCode.Unavailable => Unreachable(e, at),
            // A certificate that is not trusted, or a connection whose pings were not answered.
            StatusCode.Internal when Find<AuthenticationException>(e) is not null || Find<HttpProtocolException>(e) is not null =>
                Unreachable(e, at),
            StatusCode.Unimplemented => new CliFailure(
                ExitCode.Bug,
                $"{at} does not know this call: {e.Status.Detail}",
                "is it a Fleet coordinator, as new as this program? See fleet version"),
            _ => new CliFailure(CodeOf(e.StatusCode), $"{at}: {e.StatusCode}: {e.Status.Detail}"),
        };
    }

    /// <summary>The connection was established, and TLS failed on it.</summary>
    public static bool IsTls(RpcException e) => Find<AuthenticationException>(e) is not null;

    private static CliFailure Unreachable(RpcException e, string at)
    {
        if (Find<AuthenticationException>(e) is { } tls)
        {
            return new CliFailure(ExitCode.NotReachable, $"{at}: this credential does not trust the server's certificate: {tls.Message}",
                "is this the right address? The name or address must be one of the coordinator's server_names, and the credential must "
                    + "come from this coordinator");
        }

        if (Find<SocketException>(e) is { } socket)
        {
            return new CliFailure(ExitCode.NotReachable, $"{at} cannot be reached: {socket.Message}", socket.SocketErrorCode switch
            {
                SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain =>
                    "check the host name, or give another address with --address",
                SocketError.ConnectionRefused => "is the coordinator running there? (systemctl status fleet-coordinator)",
                _ => "check the network, or give another address with --address",
            });
        }

        return new CliFailure(
            ExitCode.NotReachable,
            $"{at} cannot be reached: {e.Status.Detail}",
            "is the coordinator running there? (systemctl status fleet-coordinator)");
    }

    private static T? Find<T>(RpcException e)
        where T : Exception
    {
        for (var inner = e.Status.DebugException ?? e.InnerException; inner is not null; inner = inner.InnerException)
        {
            if (inner is T found)
            {
                return found;
            }
        }

        return null;
    }

    private static int CodeOf(StatusCode code) =>
        code switch
        {
            StatusCode.InvalidArgument => ExitCode.Refused,
            StatusCode.Unavailable or StatusCode.DeadlineExceeded => ExitCode.NotReachable,
            StatusCode.Unauthenticated or StatusCode.PermissionDenied => ExitCode.NotPermitted,
            StatusCode.NotFound => ExitCode.NotFound,
            StatusCode.FailedPrecondition
            or StatusCode.AlreadyExists
            or StatusCode.Aborted
            or StatusCode.OutOfRange
            or StatusCode.ResourceExhausted => ExitCode.WrongState,
            StatusCode.Cancelled => ExitCode.NotReachable,
            _ => ExitCode.Bug,
        };
}
