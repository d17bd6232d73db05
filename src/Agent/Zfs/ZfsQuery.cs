using System.Collections.Concurrent;
using Fleet.Agent.Logging;
using Fleet.Agent.Ssh;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Zfs;

/// <summary>
/// Runs zfs and zpool within a time limit, here or on another host. A pool with a tool that cannot be ended is not asked again until that
/// came back.
/// </summary>
/// <param name="hung">Pools with such a tool. Outlives this object: each run has a tool runner of its own.</param>
/// <param name="remote">Null for this host.</param>
internal sealed class ZfsQuery(IToolRunner tools, TimeProvider time, ConcurrentDictionary<string, byte> hung, SshRemote? remote = null)
{
    private readonly DeadlineRunner _tools = new(tools, time, hung);

    /// <summary>Where it runs, for messages: "" here, " on nas2" there.</summary>
    public string Place { get; } = remote is null ? "" : $" on {LogText.Escape(remote.Host)}";

    /// <param name="program">"zfs" or "zpool".</param>
    /// <param name="subject">The pool that it is about; "" for all pools.</param>
    /// <param name="output">Not to be read after a NoAnswer: the tool may still write to it.</param>
    /// <param name="errors">Where <paramref name="output"/> puts stderr.</param>
    /// <param name="shape">Changes the request before it is carried out: where its stdin and stdout are.</param>
    /// <returns>Null if the tool ended with exit code 0.</returns>
    public async Task<ZfsError?> RunAsync(
        string program,
        string subject,
        IReadOnlyList<ToolArgument> arguments,
        IToolOutput output,
        StderrLines errors,
        TimeSpan timeout,
        CancellationToken cancellationToken,
        Func<ToolRequest, ToolRequest>? shape = null)
    {
        var about = subject.Length == 0 ? $"{program}{Place}" : $"{program}{Place}, pool {LogText.Escape(subject)}";
        var request = new ToolRequest
        {
            Program = remote is null ? program : "ssh",
            Arguments = remote is null ? arguments : SshCommand.Run(remote, program, arguments),
            Environment = ZfsCommands.Environment,
            Timeout = timeout,
        };
        var heard = new FirstLineHeard(output);
        var answer = await _tools.RunAsync(about, remote is null ? subject : $"{remote.Host}:{subject}",
            shape is null ? request : shape(request), heard, cancellationToken);
        return answer.Kind switch
        {
            ToolAnswerKind.Succeeded => null,
            ToolAnswerKind.NotStarted => new ZfsError(ZfsErrorKind.NotStarted, answer.Message, []),
            ToolAnswerKind.NoAnswer => new ZfsError(ZfsErrorKind.NoAnswer, answer.Message, []),
            ToolAnswerKind.Ended => new ZfsError(ZfsErrorKind.Ended, answer.Message, []),
            _ => Failure(program, answer, errors, heard.First),
        };
    }

    /// <summary>Something that prints nothing but errors.</summary>
    /// <returns>Null if the tool ended with exit code 0.</returns>
    public async Task<ZfsError?> DoAsync(
        string program, string subject, IReadOnlyList<ToolArgument> arguments, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var output = new StderrOnly();
        return await RunAsync(program, subject, arguments, output, output.Errors, timeout, cancellationToken);
    }

    private ZfsError Failure(string program, ToolAnswer answer, StderrLines errors, string? printed)
    {
        var error = errors.Lines.Count > 0 ? ZfsErrorParser.Parse(errors.Lines) : new ZfsError(ZfsErrorKind.Unknown, answer.Message, []);
        if (remote is null)
        {
            return error;
        }

        var host = LogText.Escape(remote.Host);
        if (error.Kind != ZfsErrorKind.Unknown)
        {
            return error with { Message = $"{error.Message}{Place}" };
        }

        // ssh and zfs may both end with 255: what zfs says is known, and what ssh says is not.
        if (answer.ExitCode == SshCommand.ConnectionFailed)
        {
            return SshStderr.Parse(errors.Lines, remote) switch
            {
                null => new ZfsError(ZfsErrorKind.Unreachable, $"{host} cannot be reached: {error.Message}", []),
                { Kind: FailureKind.NotReachable or FailureKind.ConnectionLost or FailureKind.NameUnknown } away => new ZfsError(
                    ZfsErrorKind.Unreachable, away.Message, []),
                var reason => new ZfsError(ZfsErrorKind.NotLetIn, reason.Message, []),
            };
        }

        return errors.Lines is [var only] && only == $"env: '{program}': No such file or directory"
            ? new ZfsError(ZfsErrorKind.NotStarted, $"{program} was not found on {host}: install it there", [])
            : errors.Lines.Count == 0 && printed is not null
                ? new ZfsError(
                    ZfsErrorKind.Unknown, $"{host} did not run {program}, but printed: \"{printed}\" (exit code {answer.ExitCode})", [])
                : error with { Message = $"{error.Message}{Place}" };
    }

    /// <summary>Remembers the first line of stdout: what a shell prints that runs no commands.</summary>
    private sealed class FirstLineHeard(IToolOutput inner) : IToolOutput
    {
        /// <summary>At most 200 bytes of it, safe to show.</summary>
        public string? First { get; private set; }

        public void OnLine(LogStream stream, ReadOnlySpan<byte> line, LineEnd end, bool truncated)
        {
            if (First is null && stream == LogStream.Stdout && !line.IsEmpty)
            {
                First = LogText.Escape(line[..Math.Min(line.Length, 200)]);
            }

            inner.OnLine(stream, line, end, truncated);
        }
    }
}
