using System.Threading.Channels;
using Fleet.Coordinator.Grains;
using Fleet.Coordinator.Storage;

namespace Fleet.Coordinator.Events;

/// <summary>
/// Connects this process to the feed. Its own commits wake its subscribers at once and are announced to the other processes; their
/// commits are announced here. Many commits in a row become one call.
/// </summary>
internal sealed partial class EventFeedClient(
    FleetStore store, EventHead head, IGrainFactory grains, TimeProvider clock, ILogger<EventFeedClient> log)
    : BackgroundService, IEventFeedObserver
{
    private static readonly TimeSpan Renew = TimeSpan.FromSeconds(20);

    private readonly Channel<long> _moved = Channel.CreateBounded<long>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        store.EventsCommitted += OnCommitted;
        head.MoveTo(store.LastEventSequence);
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        store.EventsCommitted -= OnCommitted;
        await base.StopAsync(cancellationToken);
    }

    public Task HeadMovedAsync(long sequence)
    {
        head.MoveTo(sequence);
        return Task.CompletedTask;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var grain = grains.GetGrain<IEventFeedGrain>(IEventFeedGrain.Key);
        var reference = grains.CreateObjectReference<IEventFeedObserver>(this);
        try
        {
            await Task.WhenAll(SubscribeAsync(grain, reference, stoppingToken), ForwardAsync(grain, stoppingToken));
        }
        finally
        {
            grains.DeleteObjectReference<IEventFeedObserver>(reference);
        }
    }

    private async Task SubscribeAsync(IEventFeedGrain grain, IEventFeedObserver reference, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Renew, clock);
        do
        {
            try
            {
                await grain.SubscribeAsync(reference);
            }
            catch (Exception exception) when (GrainFailure.IsUnreachable(exception))
            {
                FeedFailed(log, exception);
            }
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    private async Task ForwardAsync(IEventFeedGrain grain, CancellationToken cancellationToken)
    {
        await foreach (var sequence in _moved.Reader.ReadAllAsync(cancellationToken))
        {
            try
            {
                await grain.AdvanceAsync(sequence);
            }
            catch (Exception exception) when (GrainFailure.IsUnreachable(exception))
            {
                FeedFailed(log, exception);
            }
        }
    }

    private void OnCommitted(long sequence)
    {
        head.MoveTo(sequence);
        _moved.Writer.TryWrite(sequence);
    }
}
