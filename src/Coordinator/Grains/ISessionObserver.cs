namespace Fleet.Coordinator.Grains;

/// <summary>
/// A host's live stream, as its <see cref="IHostGrain"/> sees it. It may be in another process, and may be gone: then a call ends with a
/// <see cref="TimeoutException"/> after the limit below, during which only the grain of that host waits.
/// </summary>
[Alias("fleet.SessionObserver")]
internal interface ISessionObserver : IGrainObserver
{
    /// <summary>Queues one message for the stream. Never waits for the agent.</summary>
    [Alias("Send")]
    [ResponseTimeout("00:00:05")]
    Task SendAsync(OutgoingMessage message);

    /// <summary>Ends the stream.</summary>
    [Alias("End")]
    [ResponseTimeout("00:00:05")]
    Task EndAsync(SessionEnd end);
}
