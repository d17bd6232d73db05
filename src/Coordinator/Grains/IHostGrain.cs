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

    /// <summary>With each heartbeat: observers are not durable. False: this is not the host's session any more.</summary>
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
    /// Everything that the agent had to tell is committed: what it ought to be running and is not, is sent again, then what waits.
    /// </summary>
    [Alias("Resume")]
    Task ResumeAsync(string sessionId, IReadOnlyList<RunningAttempt> running);

    /// <summary>Sends what waits and may start.</summary>
    [Alias("Dispatch")]
    Task DispatchAsync();

    /// <summary>Tells the agent to end a run; the run's row holds the wish already.</summary>
    [Alias("Cancel")]
    Task CancelAsync(string runId, string reason);

    /// <summary>The policies of the host have changed.</summary>
    [Alias("AssignmentChanged")]
    Task AssignmentChangedAsync();

    /// <summary>Ends the live session at once: the host's identity is no longer one.</summary>
    [Alias("Revoke")]
    Task RevokeAsync(string reason);
}
