using System.Collections.Concurrent;

namespace Fleet.Agent.Tools;

/// <summary>
/// Runs tools that look at storage or at paths within their time limits. One that waits inside the kernel for a disk cannot be ended by any
/// signal: it is walked away from, and what it was asked about is not asked again until it came back.
/// </summary>
/// <param name="hung">Subjects of such tools. Outlives this object: each run has a tool runner of its own.</param>
internal sealed class DeadlineRunner(IToolRunner tools, TimeProvider time, ConcurrentDictionary<string, byte> hung)
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <param name="about">For messages, safe to show: "zfs, pool tank".</param>
    /// <param name="subject">What a tool that hangs would hang on: the name of a pool, a path.</param>
    /// <param name="request">With a timeout; its grace is replaced.</param>
    /// <param name="output">Not to be read after a NoAnswer: the tool may still write to it.</param>
    public async Task<ToolAnswer> RunAsync(
        string about, string subject, ToolRequest request, IToolOutput output, CancellationToken cancellationToken)
    {
        if (hung.ContainsKey(subject))
        {
            return new ToolAnswer(ToolAnswerKind.NoAnswer, $"{about}: an earlier request is still waiting for an answer");
        }

        var timeout = request.Timeout!.Value;
        var run = tools.RunAsync(request with { Grace = Grace }, output, cancellationToken);
        ToolResult result;
        try
        {
            result = await run.WaitAsync(timeout + Grace + Grace, time, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            hung[subject] = 0;
            _ = run.ContinueWith(_ => hung.TryRemove(subject, out var _), TaskScheduler.Default);
            return new ToolAnswer(ToolAnswerKind.NoAnswer, $"{about}: no answer within {timeout.TotalSeconds:0} s, and it cannot be ended");
        }

        return result switch
        {
            { Succeeded: true } => new ToolAnswer(ToolAnswerKind.Succeeded, ""),
            { End: ToolEnd.NotStarted } => new ToolAnswer(ToolAnswerKind.NotStarted, result.Message),
            { End: ToolEnd.TimedOut } => new ToolAnswer(ToolAnswerKind.NoAnswer, $"{about}: no answer within {timeout.TotalSeconds:0} s"),
            { End: ToolEnd.Cancelled } => new ToolAnswer(ToolAnswerKind.Ended, $"{about}: cancelled"),
            { Signal: { } signal } => new ToolAnswer(ToolAnswerKind.Ended, $"{about}: ended by signal {signal}"),
            _ => new ToolAnswer(ToolAnswerKind.Failed, $"{about}: exit code {result.ExitCode} without a message", result.ExitCode),
        };
    }
}
