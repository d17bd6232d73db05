using System.Collections.Concurrent;
using Fleet.Agent.Tools;

namespace Fleet.Agent.Lvm;

/// <summary>Runs LVM's tools within time limits.</summary>
/// <param name="hung">Tools that cannot be ended. Outlives this object: each run has a tool runner of its own.</param>
/// <param name="limit">What a call may take, at most so long.</param>
internal sealed class LvmQuery(
    IToolRunner tools, TimeProvider time, ConcurrentDictionary<string, byte> hung, Func<TimeSpan, TimeSpan> limit)
{
    /// <summary>
    /// For the tools' reports, and for making or removing one volume: LVM waits for its lock as long as another tool has it.
    /// </summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    private readonly DeadlineRunner _tools = new(tools, time, hung);

    /// <summary>Everything, or why it could not be read: a row that is not understood makes all of it doubtful.</summary>
    public async Task<(LvmStock Stock, LvmError? Error)> LookAsync(CancellationToken cancellationToken)
    {
        var (volumes, error) = await ReportAsync("lvs", LvmCommands.Volumes(), r => LvmReportParser.Volumes(r), cancellationToken);
        if (error is not null)
        {
            return (new([], []), error);
        }

        (var groups, error) = await ReportAsync("vgs", LvmCommands.Groups(), r => LvmReportParser.Groups(r), cancellationToken);
        return (new(volumes, groups), error);
    }

    /// <param name="timeout">Null for that of one volume.</param>
    /// <returns>Null if it ended with exit code 0.</returns>
    public async Task<LvmError?> RunAsync(
        string program, IReadOnlyList<ToolArgument> arguments, CancellationToken cancellationToken, TimeSpan? timeout = null) =>
        (await RunAsync(program, "lvm", arguments, timeout ?? Timeout, LvmErrorParser.Parse, cancellationToken)).Error;

    /// <summary>A tool that is not LVM's: what it says on stderr is its message.</summary>
    /// <param name="subject">What it would hang on: a device, a path.</param>
    public async Task<(LvmReportOutput Output, LvmError? Error)> RunOtherAsync(
        string program, string subject, IReadOnlyList<ToolArgument> arguments, CancellationToken cancellationToken) =>
        await RunAsync(program, subject, arguments, Timeout,
            static lines => new LvmError(LvmErrorKind.Unknown, string.Join("; ", lines.Select(l => l.Trim()))), cancellationToken);

    private async Task<(IReadOnlyList<T> Items, LvmError? Error)> ReportAsync<T>(
        string program, IReadOnlyList<ToolArgument> arguments, Func<ReadOnlySpan<byte>, LvmReading<T>> read,
        CancellationToken cancellationToken)
    {
        var (output, error) = await RunAsync(program, "lvm", arguments, Timeout, LvmErrorParser.Parse, cancellationToken);
        if (error is not null)
        {
            return ([], error);
        }

        var reading = read(output.Report.Span);
        return output.IsCut ? ([], new LvmError(LvmErrorKind.Unknown, $"the report of {program} is too long"))
            : !reading.IsComplete
                ? ([], new LvmError(LvmErrorKind.Unknown, $"part of what {program} reports was not understood: {reading.Refused[0]}"))
            : (reading.Items, null);
    }

    private async Task<(LvmReportOutput Output, LvmError? Error)> RunAsync(
        string program, string subject, IReadOnlyList<ToolArgument> arguments, TimeSpan timeout,
        Func<IReadOnlyList<string>, LvmError> parse, CancellationToken cancellationToken)
    {
        var output = new LvmReportOutput();
        var request = new ToolRequest
        {
            Program = program,
            Arguments = arguments,
            Environment = LvmCommands.Environment,
            Timeout = limit(timeout),
            MaxLineBytes = LvmReportOutput.MaxLineBytes,
        };

        // Each of LVM's tools reads every disk: what one hangs on, the next one does, too.
        var answer = await _tools.RunAsync(program, subject, request, output, cancellationToken);
        return (output, answer.Kind switch
        {
            ToolAnswerKind.Succeeded => null,
            ToolAnswerKind.NotStarted => new LvmError(LvmErrorKind.NotStarted, answer.Message),
            ToolAnswerKind.NoAnswer => new LvmError(LvmErrorKind.NoAnswer, answer.Message),
            ToolAnswerKind.Ended => new LvmError(LvmErrorKind.Ended, answer.Message),
            _ when output.Errors.Lines.Count == 0 => new LvmError(LvmErrorKind.Unknown, answer.Message),
            _ => parse(output.Errors.Lines),
        });
    }
}
