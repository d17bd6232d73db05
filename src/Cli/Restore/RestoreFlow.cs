using Fleet.Cli.Commands;
using Fleet.Cli.Outcomes;
using Fleet.Cli.Output;
using Fleet.Cli.Runs;
using Fleet.Protocol.V1;

namespace Fleet.Cli.Restore;

/// <summary>
/// Takes a restore from plan to end: it asks the agent for a dry run, shows the plan, and once that is confirmed carries out exactly what
/// it showed.
/// </summary>
internal static class RestoreFlow
{
    /// <summary>Restores on the host that has the snapshot.</summary>
    /// <inheritdoc
    /// cref="RunAsync(Invocation, RestoreOptions, string, Fleet.Protocol.V1.Action, Func{ActionResult, Fleet.Protocol.V1.Action})"/>
    public static async Task<int> RunAsync(
        Invocation invocation, RestoreOptions options, Fleet.Protocol.V1.Action plan, Func<ActionResult, Fleet.Protocol.V1.Action> decided)
    {
        var (host, failure) = await RestorePlace.FindAsync(invocation, invocation.Get(options.Snapshot)!, invocation.Get(options.Host));
        return failure is not null ? invocation.Fail(failure) : await RunAsync(invocation, options, host, plan, decided);
    }

    /// <param name="plan">The action as a dry run.</param>
    /// <param name="decided">The action itself, with the identity that the plan found, so that exactly what was shown is done.</param>
    public static async Task<int> RunAsync(
        Invocation invocation,
        RestoreOptions options,
        string host,
        Fleet.Protocol.V1.Action plan,
        Func<ActionResult, Fleet.Protocol.V1.Action> decided)
    {
        var why = invocation.Get(options.Why) ?? "";
        var planned = await RunFollowing.EndOfAsync(invocation, (await StartAsync(invocation, host, plan, why)).RunId);
        var isPossible = planned.State == RunState.Succeeded;
        if (!isPossible || !invocation.Get(options.Yes) || !invocation.Json)
        {
            Show(invocation, planned);
        }

        if (!isPossible)
        {
            return ExitCode.NotWell;
        }

        if (!invocation.Get(options.Yes) && await RefuseAsync(invocation) is { } refusal)
        {
            return invocation.Fail(refusal);
        }

        var run = await StartAsync(invocation, host, decided(planned.Result), why);
        var code = await RunFollowing.FollowAsync(invocation, [run]);
        if (!invocation.Json && code == ExitCode.Ok)
        {
            // "Accepted" does not mean "restored": show what the run achieved, not only that it succeeded.
            var ended = await invocation.Connection.Fleet.GetRunAsync(new GetRunRequest { RunId = run.RunId }, invocation.Connection.Unary);
            invocation.Out.Line(new Cell(
                ended.Result?.Message ?? "", ended.Result?.Outcome == ActionOutcome.SucceededWithWarnings ? Tone.Doubtful : Tone.Good));
        }

        return code;
    }

    private static async Task<Run> StartAsync(Invocation invocation, string host, Fleet.Protocol.V1.Action action, string why) =>
        await invocation.Connection.Fleet.StartActionAsync(
            new StartActionRequest
            {
                Host = host,
                Action = action,
                Note = why,
                RequestId = Guid.NewGuid().ToString(),
            },
            invocation.Connection.Unary);

    private static void Show(Invocation invocation, Run planned)
    {
        if (invocation.Json)
        {
            invocation.Out.Message(planned);
            return;
        }

        var result = planned.Result ?? new ActionResult();
        invocation.Out.Line(
            new Cell(
                $"{planned.HostName}: {(result.Message.Length > 0 ? result.Message : HumanText.Words(planned.State))}",
                planned.State == RunState.Succeeded ? Tone.Strong : Tone.Bad));
        if (result.RefusedBy.Length > 0)
        {
            invocation.Out.Line($"  refused by: {result.RefusedBy}");
        }

        foreach (var detail in result.Details)
        {
            invocation.Out.LogLine($"  {detail}");
        }

        if (result.DetailsTotal > result.Details.Count)
        {
            invocation.Out.Line(new Cell($"  ... and {result.DetailsTotal - result.Details.Count} more", Tone.Quiet));
        }

        if (result.RestoreFiles is { } files && planned.State == RunState.Succeeded)
        {
            invocation.Out.Line($"  {HumanText.Bytes(files.Bytes)} to copy, {HumanText.Bytes(files.FreeBytes)} free at the destination");
        }
    }

    private static async Task<CliFailure?> RefuseAsync(Invocation invocation)
    {
        if (!invocation.Environment.InputIsTerminal)
        {
            return new CliFailure(
                ExitCode.Refused,
                "this was only the plan, and nothing was changed: there is no terminal to ask on",
                "run the same command with --yes to carry it out");
        }

        invocation.Out.Note("Type yes to carry it out:");
        using var input = new StreamReader(invocation.Environment.OpenInput());
        var typed = await input.ReadLineAsync(invocation.Cancellation);
        return typed == "yes" ? null : new CliFailure(ExitCode.Refused, "not confirmed: nothing was changed");
    }
}
