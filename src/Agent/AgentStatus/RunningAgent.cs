using Fleet.Agent.Configuration;
using Fleet.Agent.History;
using Fleet.Agent.LocalSchedule;
using Fleet.Agent.LocalSocket;
using Fleet.Agent.Outbox;
using Fleet.Agent.Runs;

namespace Fleet.Agent.AgentStatus;

/// <summary>Answers what is asked on the local socket, out of the running agent.</summary>
internal sealed class RunningAgent(
    Func<AgentOptions> options, RunHistory history, HistoryFolder folder, RunManager runs, RunLedger ledger, RunSettings settings,
    ResultOutbox outbox,
    AssignmentStore assignments, TimeProvider time)
{
    private volatile string _connection = "";

    /// <summary>The session's status, as it is reported to systemd.</summary>
    public string Connection
    {
        get => _connection;
        set => _connection = value;
    }

    /// <summary>True if there is a session.</summary>
    public Func<bool> IsConnected { get; set; } = static () => false;

    /// <exception cref="IOException">The disk refuses.</exception>
    /// <exception cref="TimeoutException">The history is busy.</exception>
    public Task<byte[]> AnswerAsync(LocalQuestion question, CancellationToken cancellationToken) => question.Ask switch
    {
        LocalQuestion.Runs => history.AskAsync(
            reader =>
            {
                var found = reader.Runs(question.Filter, cancellationToken);
                return LocalAnswer.Runs(LocalAnswer.FromAgent, State().Notes, found);
            },
            cancellationToken),
        LocalQuestion.Run => history.AskAsync(
            reader =>
            {
                var attempts = reader.Attempts(question.RunId);
                return LocalAnswer.Run(LocalAnswer.FromAgent, State().Notes, question.RunId, attempts);
            },
            cancellationToken),
        _ => history.AskAsync(
            reader =>
            {
                var policies = assignments.Current.Policies;
                var last = reader.LastOf(policies, cancellationToken);
                var state = State();
                var report = new StatusReport
                {
                    Version = AgentVersion.Text,
                    HostName = settings.HostName,
                    HostId = settings.HostId,
                    StateDirectory = options().StateDirectory,
                    Connected = IsConnected(),
                    Connection = Connection,
                    Coordinators = options().Coordinators,
                    StateError = ledger.StateError,
                    Active = runs.Active,
                    Policies = [.. policies.Select(p => PolicyStatus.Of(p, settings.HostId, time.GetUtcNow(), last))],
                    OutboxBytes = outbox.WaitingBytes,
                    History = state,
                };
                return LocalAnswer.Status(LocalAnswer.FromAgent, state.Notes, report);
            },
            cancellationToken),
    };

    private HistoryStatus State() => HistoryStatus.Of(folder, history.Waiting, history.Problem);
}
