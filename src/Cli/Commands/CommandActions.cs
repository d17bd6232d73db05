using Fleet.Cli.Connection;
using Fleet.Cli.Naming;
using Fleet.Cli.Options;
using Fleet.Cli.Outcomes;
using Fleet.Cli.ProcessEnvironment;
using Grpc.Core;

namespace Fleet.Cli.Commands;

/// <summary>Connects commands to what they do, and handles everything that can go wrong on the way in one place.</summary>
internal sealed class CommandActions(CliEnvironment environment, GlobalOptions options)
{
    public GlobalOptions Options => options;

    /// <summary>Arguments and options that name something the coordinator knows.</summary>
    public Names Names { get; } = new(environment, options);

    /// <summary>Sets the action of a command that calls the coordinator.</summary>
    public FleetCommand Online(FleetCommand command, Func<Invocation, Task<int>> action) => Set(command, connects: true, action);

    /// <summary>
    /// Sets the action of a command that works without the coordinator, or calls <see cref="Invocation.Connect"/> itself.
    /// </summary>
    public FleetCommand Local(FleetCommand command, Func<Invocation, Task<int>> action) => Set(command, connects: false, action);

    private static async Task<CliFailure> ExplainAsync(Invocation invocation, RpcException e)
    {
        var failure = CallFailure.From(e, invocation.Connection.Address, invocation.Timeout);
        return failure.ExitCode switch
        {
            // A value that cannot be an id is refused before it is looked up.
            ExitCode.NotFound or ExitCode.Refused => await invocation.NearNames.ExplainAsync(failure),
            ExitCode.NotReachable when CallFailure.IsTls(e) && await PlainHttp.AnswersAsync(
                invocation.Connection.Address, invocation.Cancellation) =>
                PlainHttp.Failure(invocation.Connection.Address),
            _ => failure,
        };
    }

    private FleetCommand Set(FleetCommand command, bool connects, Func<Invocation, Task<int>> action)
    {
        command.SetAction(async (parsed, cancellation) =>
        {
            using var invocation = new Invocation(environment, parsed, options, Names, cancellation);
            try
            {
                if (connects && invocation.Connect() is { } failure)
                {
                    return invocation.Fail(failure);
                }

                return await action(invocation);
            }
            catch (Exception e) when (cancellation.IsCancellationRequested
                && e is OperationCanceledException or RpcException { StatusCode: StatusCode.Cancelled })
            {
                return ExitCode.Cancelled;
            }
            catch (RpcException e)
            {
                return invocation.Fail(await ExplainAsync(invocation, e));
            }
            catch (IOException)
            {
                // Commands report failures of all other reads and writes themselves, so here the output is gone.
                return ExitCode.OutputClosed;
            }
        });
        return command;
    }
}
