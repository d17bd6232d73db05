using System.Collections.Concurrent;
using Fleet.Agent.Tools;

namespace Fleet.Agent.Actions.Zfs;

/// <summary>Runs zfs and zpool within a time limit. A pool with a tool that cannot be ended is not asked again until that came back.</summary>
/// <param name="hung">Pools with such a tool. Outlives this object: each run has a tool runner of its own.</param>
internal sealed class ZfsQuery(IToolRunner tools, TimeProvider time, ConcurrentDictionary<string, byte> hung)
{
    private readonly DeadlineRunner _tools = new(tools, time, hung);

    /// <param name="program">"zfs" or "zpool".</param>
    /// <param name="subject">The pool that it is about; "" for all pools.</param>
    /// <param name="output">Not to be read after a NoAnswer: the tool may still write to it.</param>
    /// <param name="errors">Where <paramref name="output"/> puts stderr.</param>
    /// <returns>Null: the tool ended with exit code 0.</returns>
    public async Task<ZfsError?> RunAsync(
        string program, string subject, IReadOnlyList<ToolArgument> arguments, IToolOutput output, StderrLines errors, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var about = subject.Length == 0 ? program : $"{program}, pool {LogText.Escape(subject)}";
        var request = new ToolRequest { Program = program, Arguments = arguments, Environment = ZfsCommands.Environment, Timeout = timeout };
        var answer = await _tools.RunAsync(about, subject, request, output, cancellationToken);
        return answer.Kind switch
        {
            ToolAnswerKind.Succeeded => null,
            ToolAnswerKind.NotStarted => new ZfsError(ZfsErrorKind.NotStarted, answer.Message, []),
            ToolAnswerKind.NoAnswer => new ZfsError(ZfsErrorKind.NoAnswer, answer.Message, []),
            ToolAnswerKind.Ended => new ZfsError(ZfsErrorKind.Ended, answer.Message, []),
            _ when errors.Lines.Count == 0 => new ZfsError(ZfsErrorKind.Unknown, answer.Message, []),
            _ => ZfsErrorParser.Parse(errors.Lines),
        };
    }
}
