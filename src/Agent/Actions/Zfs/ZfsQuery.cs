using System.Collections.Concurrent;
using Fleet.Agent.Tools;

namespace Fleet.Agent.Actions.Zfs;

/// <summary>
/// Runs zfs and zpool within a time limit. A tool that waits inside the kernel for a pool cannot be ended by any signal: it is
/// walked away from, and its pool is not asked again until it came back.
/// </summary>
/// <param name="hung">Pools with such a tool. Outlives this object: each run has a tool runner of its own.</param>
internal sealed class ZfsQuery(IToolRunner tools, TimeProvider time, ConcurrentDictionary<string, byte> hung)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <param name="program">"zfs" or "zpool".</param>
    /// <param name="subject">The pool that it is about; "" for all pools.</param>
    /// <param name="output">Not to be read after a NoAnswer: the tool may still write to it.</param>
    /// <param name="errors">Where <paramref name="output"/> puts stderr.</param>
    /// <returns>Null: the tool ended with exit code 0.</returns>
    public async Task<ZfsError?> RunAsync(
        string program, string subject, IReadOnlyList<ToolArgument> arguments, IToolOutput output, StderrLines errors, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var about = subject.Length == 0 ? program : $"{program}, pool {LogText.Escape(subject)}";
        if (hung.ContainsKey(subject))
        {
            return new ZfsError(ZfsErrorKind.NoAnswer, $"{about}: an earlier question is still waiting for an answer", []);
        }

        var request = new ToolRequest
        {
            Program = program,
            Arguments = arguments,
            Environment = ZfsCommands.Environment,
            Timeout = timeout,
            Grace = Grace,
        };
        var run = tools.RunAsync(request, output, cancellationToken);
        ToolResult result;
        try
        {
            result = await run.WaitAsync(timeout + Grace + Grace, time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            hung[subject] = 0;
            _ = run.ContinueWith(_ => hung.TryRemove(subject, out var _), TaskScheduler.Default);
            return new ZfsError(ZfsErrorKind.NoAnswer, $"{about}: no answer within {timeout.TotalSeconds:0} s, and it cannot be ended", []);
        }

        return result switch
        {
            { Succeeded: true } => null,
            { End: ToolEnd.NotStarted } => new ZfsError(ZfsErrorKind.NotStarted, result.Message, []),
            { End: ToolEnd.TimedOut } => new ZfsError(ZfsErrorKind.NoAnswer, $"{about}: no answer within {timeout.TotalSeconds:0} s", []),
            { End: ToolEnd.Cancelled } => new ZfsError(ZfsErrorKind.Ended, $"{about}: cancelled", []),
            { Signal: { } signal } => new ZfsError(ZfsErrorKind.Ended, $"{about}: ended by signal {signal}", []),
            _ when errors.Lines.Count == 0 => new ZfsError(ZfsErrorKind.Unknown, $"{about}: exit code {result.ExitCode} without a message", []),
            _ => ZfsErrorParser.Parse(errors.Lines),
        };
    }
}
