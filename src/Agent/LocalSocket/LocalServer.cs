using System.Net.Sockets;
using System.Text.Json;
using Fleet.Agent.Configuration;
using Fleet.Agent.Logging;
using Microsoft.Extensions.Logging;

namespace Fleet.Agent.LocalSocket;

/// <summary>
/// Answers questions of this host's users on a unix socket: one question for each connection, a few connections at once, each with a
/// deadline. An agent that cannot have its socket works without.
/// </summary>
internal sealed partial class LocalServer(
    Func<AgentOptions> options, Func<LocalQuestion, CancellationToken, Task<byte[]>> answer, TimeProvider time, ILogger logger)
        : IDisposable
{
    public const int MaxConnections = 8;

    private const int Backlog = 64;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RefusedPause = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim _places = new(MaxConnections);
    private TaskCompletionSource _reconsidered = NewSignal();

    /// <summary>The configuration was reloaded: folder or group may have changed.</summary>
    public void Reconsider() => Interlocked.Exchange(ref _reconsidered, NewSignal()).TrySetResult();

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var reconsidered = Volatile.Read(ref _reconsidered).Task;
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var serving = ServeAsync(options(), ending.Token);
            await Task.WhenAny(serving, reconsidered);
            await ending.CancelAsync();
            try
            {
                await serving;
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                // Another folder or group.
            }

            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    public void Dispose() => _places.Dispose();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Returns when it could not begin, after a pause.</summary>
    private async Task ServeAsync(AgentOptions use, CancellationToken cancellationToken)
    {
        var path = LocalSocketPath.In(use.RuntimeDirectory);
        // Name services may take their time, and the agent has more to do than to wait for them.
        var (peers, problem) = await Task.Run(() => (SocketPeers.Of(use.SocketGroup, out var unknown), unknown), cancellationToken);
        if (problem.Length > 0)
        {
            LogNoGroup(problem);
        }

        Socket? listening = null;
        try
        {
            listening = await ListenAsync(path, peers, cancellationToken);
            while (true)
            {
                await _places.WaitAsync(cancellationToken);
                Socket peer;
                try
                {
                    peer = await listening.AcceptAsync(cancellationToken);
                }
                catch
                {
                    _places.Release();
                    throw;
                }

                _ = AttendAsync(peer, peers, cancellationToken);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // Whatever it is: the agent continues without it.
            LogNoSocket(path, LogText.Escape(e.Message));

            // Before the pause: clients then find no socket at once, and read the files instead.
            Close(listening, path);
            listening = null;
            await Task.Delay(RefusedPause, time, cancellationToken);
        }
        finally
        {
            Close(listening, path);
        }
    }

    private void Close(Socket? listening, string path)
    {
        if (listening is null)
        {
            return;
        }

        listening.Dispose();
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The next one that listens deletes it.
            LogNoSocket(path, LogText.Escape(e.Message));
        }
    }

    /// <exception cref="IOException">There is an agent that answers, or the kernel refuses.</exception>
    private static async Task<Socket> ListenAsync(string path, SocketPeers peers, CancellationToken cancellationToken)
    {
        const UnixFileMode Enterable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
            | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        var folder = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder))
        {
            Directory.CreateDirectory(folder);
            File.SetUnixFileMode(folder, Enterable);
        }

        if (File.Exists(path))
        {
            if (await LocalClient.ConnectAsync(path, cancellationToken) is { } other)
            {
                other.Dispose();
                throw new IOException("another agent answers there: give this one a folder of its own (runtime_directory in agent.yaml)");
            }

            File.Delete(path);
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Bind(new UnixDomainSocketEndPoint(path));
            peers.Guard(path);
            socket.Listen(Backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task AttendAsync(Socket peer, SocketPeers peers, CancellationToken cancellationToken)
    {
        try
        {
            using var stream = new NetworkStream(peer, ownsSocket: true);
            using var late = new CancellationTokenSource(Deadline, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);

            // Read in any case: a socket that is closed with something unread gives its peer no answer, but an error.
            var asked = await SocketFrames.ReadAsync(stream, SocketFrames.MaxQuestionBytes, either.Token);
            if (!peers.May(peer))
            {
                await SocketFrames.WriteAsync(stream,
                    LocalAnswer.Problem("only root, or a member of the group named in agent.yaml (local_socket), may ask"), either.Token);
                return;
            }

            var question = LocalQuestion.Read(asked, out var problem);
            var said = question is null ? LocalAnswer.Problem(problem) : await AnswerAsync(question, either.Token);
            await SocketFrames.WriteAsync(
                stream, said.Length <= SocketFrames.MaxAnswerBytes ? said : LocalAnswer.Problem("the answer would be too large: ask for "
                    + "fewer runs"), either.Token);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or SocketException or OperationCanceledException)
        {
            // They went away, or took too long.
        }
        catch (Exception e)
        {
            // A bug; the agent continues.
            LogBug(e);
        }
        finally
        {
            _places.Release();
        }
    }

    private async Task<byte[]> AnswerAsync(LocalQuestion question, CancellationToken cancellationToken)
    {
        try
        {
            return await answer(question, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or TimeoutException or JsonException)
        {
            return LocalAnswer.Problem(LogText.Escape(e.Message));
        }
    }
}
