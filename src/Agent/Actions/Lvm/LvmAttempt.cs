using System.Collections.Concurrent;
using Fleet.Agent.Lvm;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Lvm;

/// <summary>One attempt of an action on LVM: its questions, and the time that is left of it.</summary>
/// <param name="hung">Tools that cannot be ended. Outlives this object.</param>
internal sealed class LvmAttempt(ActionContext context, ConcurrentDictionary<string, byte> hung)
{
    private readonly AttemptTime _time = new(context);

    public ActionContext Context => context;

    /// <summary>Within the time that is left.</summary>
    public LvmQuery Tools => field ??= new(context.Tools, context.Time, hung, Limit);

    /// <summary>For what must be done at the end, however little time is left.</summary>
    public LvmQuery LastTools { get; } = new(context.Tools, context.Time, hung, static most => most);

    /// <inheritdoc cref="AttemptTime.Limit"/>
    public TimeSpan Limit(TimeSpan most) => _time.Limit(most);

    /// <inheritdoc cref="LvmQuery.LookAsync"/>
    public Task<(LvmStock Stock, LvmError? Error)> LookAsync(CancellationToken cancellationToken) => Tools.LookAsync(cancellationToken);

    /// <inheritdoc cref="LvmQuery.RunAsync(string, IReadOnlyList{ToolArgument}, CancellationToken, TimeSpan?)"/>
    public Task<LvmError?> RunAsync(string program, IReadOnlyList<ToolArgument> arguments, CancellationToken cancellationToken) =>
        Tools.RunAsync(program, arguments, cancellationToken);

    public static ActionResult Stopped(LvmError error, CancellationToken cancellationToken) =>
        cancellationToken.IsCancellationRequested ? ToolOutcome.Cancelled() : ToolOutcome.Failed(error.Message, error.Retryable);
}
