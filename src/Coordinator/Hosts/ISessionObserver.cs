namespace Fleet.Coordinator.Hosts;

/// <summary>A host's live stream, as its <see cref="IHostGrain"/> sees it. It may live in another process.</summary>
internal interface ISessionObserver : IGrainObserver
{
    /// <summary>Sends one message down the stream. Never waits for the agent.</summary>
    Task SendAsync(OutgoingMessage message);

    /// <summary>Ends the stream.</summary>
    Task EndAsync(SessionEnd end);
}
