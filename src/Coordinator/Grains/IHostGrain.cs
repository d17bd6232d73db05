using Orleans.Concurrency;

namespace Fleet.Coordinator.Grains;

/// <summary>One host; the key is its id. Holds the host's session, if there is one, and sends runs down to it.</summary>
[Alias("fleet.HostGrain")]
internal interface IHostGrain : IGrainWithStringKey
{
    /// <summary>
    /// Admits a session, or refuses it. A second one from another process of the agent is refused while the first one answers.
    /// </summary>
    [Alias("OpenSession")]
    Task<SessionAdmission> OpenSessionAsync(SessionOpening opening, ISessionObserver observer);

    /// <summary>Called with each heartbeat, because observers are not durable. False if this is no longer the host's session.</summary>
    [Alias("RenewSession")]
    Task<bool> RenewSessionAsync(SessionClaim claim, ISessionObserver observer);

    /// <summary>The agent answered a probe.</summary>
    [AlwaysInterleave]
    [Alias("Answered")]
    Task AnsweredAsync(string sessionId, long number);

    /// <summary>The session has ended.</summary>
    [Alias("CloseSession")]
    Task CloseSessionAsync(string sessionId, string reason);

    /// <summary>
    /// Reports that everything from the agent's outbox is committed. Sends again what the agent should be running and is not, then what
    /// waits.
    /// </summary>
    [Alias("Resume")]
    Task ResumeAsync(string sessionId, IReadOnlyList<RunningAttempt> running);

    /// <summary>Sends the waiting runs that may start.</summary>
    [Alias("Dispatch")]
    Task DispatchAsync();

    /// <summary>Asks the agent to end a run; the request is already stored in the run's row.</summary>
    [Alias("Cancel")]
    Task CancelAsync(string runId, string reason);

    /// <summary>Reports that the policies of the host have changed.</summary>
    [Alias("AssignmentChanged")]
    Task AssignmentChangedAsync();

    /// <summary>Ends the live session at once: the host's identity was revoked.</summary>
    [Alias("Revoke")]
    Task RevokeAsync(string reason);
}
