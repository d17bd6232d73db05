using System.Net.Sockets;

namespace Fleet.Agent.LocalSocket;

/// <summary>Asks the agent that runs on this host.</summary>
internal static class LocalClient
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(15);

    /// <summary>The answer, as JSON. Null if no agent listens there.</summary>
    /// <exception cref="UnauthorizedAccessException">The socket is not for this user.</exception>
    /// <exception cref="IOException">It did not answer.</exception>
    public static async Task<byte[]?> AskAsync(string path, LocalQuestion question, TimeProvider time, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(Deadline, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        try
        {
            if (await ConnectAsync(path, either.Token) is not { } socket)
            {
                return null;
            }

            using var stream = new NetworkStream(socket, ownsSocket: true);
            await SocketFrames.WriteAsync(stream, question.ToJson(), either.Token);
            return await SocketFrames.ReadAsync(stream, SocketFrames.MaxAnswerBytes, either.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new IOException($"the agent did not answer within {Deadline.TotalSeconds:0} s");
        }
        catch (Exception e) when (e is InvalidDataException or SocketException)
        {
            throw new IOException($"the agent's answer cannot be used: {e.Message}", e);
        }
    }

    /// <summary>Null if nobody listens there.</summary>
    /// <exception cref="UnauthorizedAccessException">The socket is not for this user.</exception>
    /// <exception cref="IOException">It is too busy, or the path is too long for a socket.</exception>
    public static async Task<Socket?> ConnectAsync(string path, CancellationToken cancellationToken)
    {
        UnixDomainSocketEndPoint address;
        try
        {
            address = new UnixDomainSocketEndPoint(path);
        }
        catch (ArgumentOutOfRangeException e)
        {
            throw new IOException($"{path} is too long for a socket: set a shorter runtime_directory in agent.yaml", e);
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(address, cancellationToken);
            return socket;
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.AccessDenied)
        {
            socket.Dispose();
            throw new UnauthorizedAccessException(
                $"{path} may be used only by root, and by the group named in agent.yaml (local_socket)", e);
        }
        catch (SocketException e) when (
            e.SocketErrorCode is SocketError.ConnectionRefused or SocketError.AddressNotAvailable || !File.Exists(path))
        {
            socket.Dispose();
            return null;
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw new IOException($"cannot ask the agent at {path}: {e.Message}", e);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
