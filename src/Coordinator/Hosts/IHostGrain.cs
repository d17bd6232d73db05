using Orleans.Concurrency;

namespace Fleet.Coordinator.Hosts;

/// <summary>One host; the key is its id. Holds the host's session, if there is one, and sends runs down to it.</summary>
internal interface IHostGrain : IGrainWithStringKey
{
    /// <summary>
    /// Admits a session, or refuses it. A second one from another process of the agent is refused while the first one answers.
    /// </summary>
    Task<SessionAdmission> OpenSessionAsync(SessionOpening opening, ISessionObserver observer);

    /// <summary>With each heartbeat: observers are not durable. False: this is not the host's session any more.</summary>
    Task<bool> RenewSessionAsync(SessionClaim claim, ISessionObserver observer);

    /// <summary>The agent answered a probe.</summary>
    [AlwaysInterleave]
    Task AnsweredAsync(string sessionId, long number);

    /// <summary>The session has ended.</summary>
    Task CloseSessionAsync(string sessionId, string reason);

    /// <summary>
    /// Everything that the agent had to tell is committed: what it ought to be running and is not, is sent again, then what waits.
    /// </summary>
    Task ResumeAsync(string sessionId, IReadOnlyList<RunningAttempt> running);

    /// <summary>Sends what waits and may start.</summary>
    Task DispatchAsync();

    /// <summary>Tells the agent to end a run; the run's row holds the wish already.</summary>
    Task CancelAsync(string runId, string reason);

    /// <summary>The policies of the host have changed.</summary>
    Task AssignmentChangedAsync();

    /// <summary>Ends the live session at once: the host's identity is no longer one.</summary>
    Task RevokeAsync(string reason);
}
