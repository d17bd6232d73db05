using Fleet.Agent.Edge;
using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Agent.Session;

/// <summary>The first message each way.</summary>
internal sealed partial class CoordinatorSession
{
    private static readonly TimeSpan WelcomeTimeout = TimeSpan.FromSeconds(15);

    private async Task SendHelloAsync(IClientStreamWriter<AgentMessage> messages, CancellationToken cancellationToken)
    {
        var hello = new AgentMessage { Hello = await HelloAsync(cancellationToken) };
        try
        {
            await messages.WriteAsync(hello, cancellationToken).WaitAsync(WelcomeTimeout, services.Time, cancellationToken);
        }
        catch (Exception e) when (e is RpcException or IOException && !cancellationToken.IsCancellationRequested)
        {
            // The call is over already. Why is what the read says, in place of Welcome.
        }
    }

    private async Task<Hello> HelloAsync(CancellationToken cancellationToken)
    {
        var (first, last) = services.Outbox.Range;
        var hello = new Hello
        {
            ProtocolRevision = ProtocolRevision,
            AgentVersion = services.Version,
            HostName = identity.Name,
            BootId = services.BootId,
            InstanceId = services.InstanceId,
            Facts = await services.Host.FactsAsync(cancellationToken),
            OutboxFirstSequence = first,
            OutboxLastSequence = last,
            OutboxId = services.Outbox.Id,
            AssignmentRevision = services.Assignments.Current.Revision,
            PreviousSessionId = services.State.PreviousSessionId(),
        };
        hello.Tools.AddRange(await services.Host.ToolsAsync(cancellationToken));
        foreach (var (label, value) in services.Options().Labels)
        {
            hello.Labels[label] = value;
        }

        hello.AllowedActions.AddRange(services.Guard.AllowedActions());
        hello.Running.AddRange(services.Runs.Active);
        hello.SentAt = Now();
        return hello;
    }

    private async Task<SessionGreeting> ReceiveWelcomeAsync(
        AsyncDuplexStreamingCall<AgentMessage, CoordinatorMessage> call, CancellationTokenSource ending)
    {
        var first = call.ResponseStream.MoveNext(ending.Token);
        try
        {
            if (!await first.WaitAsync(WelcomeTimeout, services.Time, ending.Token))
            {
                throw new RpcException(new Status(StatusCode.Unavailable, "the coordinator ended the session without giving a reason"));
            }
        }
        catch (TimeoutException)
        {
            await ending.CancelAsync();
            throw new TimeoutException($"the coordinator did not answer within {WelcomeTimeout.TotalSeconds:0} s");
        }

        var welcome = call.ResponseStream.Current.Welcome
            ?? throw new RpcException(new Status(StatusCode.Internal, "the coordinator's first message was not a Welcome"));
        return SessionGreeting.Read(welcome, out var problem)
            ?? throw new RpcException(new Status(StatusCode.Internal, $"the coordinator's Welcome cannot be used: {problem}"));
    }
}
