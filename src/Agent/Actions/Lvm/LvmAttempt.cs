using System.Collections.Concurrent;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Lvm;

/// <summary>One attempt of an action on LVM: its questions, and the time that is left of it.</summary>
/// <param name="hung">Tools that cannot be ended. Outlives this object.</param>
internal sealed class LvmAttempt(ActionContext context, ConcurrentDictionary<string, byte> hung)
{
    /// <summary>For the tools' reports, and for making or removing one volume: LVM waits for its lock as long as another tool has it.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    private readonly AttemptTime _time = new(context);
    private readonly DeadlineRunner _tools = new(context.Tools, context.Time, hung);

    public ActionContext Context => context;

    /// <summary>All there is, or why that cannot be told: a row that is not understood makes all of it doubtful.</summary>
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

    /// <returns>Null: it ended with exit code 0.</returns>
    public async Task<LvmError?> RunAsync(string program, IReadOnlyList<ToolArgument> arguments, CancellationToken cancellationToken) =>
        (await RunAsync(program, arguments, new LvmReportOutput(), cancellationToken)).Error;

    public static ActionResult Stopped(LvmError error, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? ToolOutcome.Cancelled() : ToolOutcome.Failed(error.Message, error.Retryable);

    private async Task<(IReadOnlyList<T> Items, LvmError? Error)> ReportAsync<T>(
        string program, IReadOnlyList<ToolArgument> arguments, Func<ReadOnlySpan<byte>, LvmReading<T>> read, CancellationToken cancellationToken)
    {
        var (output, error) = await RunAsync(program, arguments, new LvmReportOutput(), cancellationToken);
        if (error is not null)
        {
            return ([], error);
        }

        var reading = read(output.Report.Span);
        return output.IsCut ? ([], new LvmError(LvmErrorKind.Unknown, $"the report of {program} is too long"))
            : !reading.IsComplete ? ([], new LvmError(LvmErrorKind.Unknown, $"a part of what {program} reports was not understood: {reading.Refused[0]}"))
            : (reading.Items, null);
    }

    private async Task<(LvmReportOutput Output, LvmError? Error)> RunAsync(
        string program, IReadOnlyList<ToolArgument> arguments, LvmReportOutput output, CancellationToken cancellationToken)
    {
        var request = new ToolRequest
        {
            Program = program,
            Arguments = arguments,
            Environment = LvmCommands.Environment,
            Timeout = _time.Limit(Timeout),
            MaxLineBytes = LvmReportOutput.MaxLineBytes,
        };

        // Each of them reads every disk: what one hangs on, the next one does, too.
        var answer = await _tools.RunAsync(program, "lvm", request, output, cancellationToken);
        return (output, answer.Kind switch
        {
            ToolAnswerKind.Succeeded => null,
            ToolAnswerKind.NotStarted => new LvmError(LvmErrorKind.NotStarted, answer.Message),
            ToolAnswerKind.NoAnswer => new LvmError(LvmErrorKind.NoAnswer, answer.Message),
            ToolAnswerKind.Ended => new LvmError(LvmErrorKind.Ended, answer.Message),
            _ when output.Errors.Lines.Count == 0 => new LvmError(LvmErrorKind.Unknown, answer.Message),
            _ => LvmErrorParser.Parse(output.Errors.Lines),
        });
    }
}
