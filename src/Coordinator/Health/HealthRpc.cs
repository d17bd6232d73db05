using Fleet.Coordinator.Errors;
using Fleet.Protocol.V1;
using Grpc.Core;
using Grpc.Health.V1;

namespace Fleet.Coordinator.Health;

/// <summary>grpc.health.v1.Health. Needs no identity.</summary>
internal sealed class HealthRpc(HealthState state, IHostApplicationLifetime lifetime, TimeProvider clock) : Grpc.Health.V1.Health.HealthBase
{
    /// <summary>How often the state is checked for a watcher.</summary>
    private static readonly TimeSpan WatchInterval = TimeSpan.FromSeconds(1);

    /// <summary>Most concurrent watchers, since they need no identity.</summary>
    private const int MaxWatchers = 200;

    private int _watchers;

    public override Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context) =>
        HealthState.Services.Contains(request.Service)
            ? Task.FromResult(new HealthCheckResponse { Status = state.Status })
            : throw FleetError.NotFound("there is no such service here", "List names the services.");

    public override Task<HealthListResponse> List(HealthListRequest request, ServerCallContext context)
    {
        var response = new HealthListResponse();
        foreach (var service in HealthState.Services)
        {
            response.Statuses.Add(service, new HealthCheckResponse { Status = state.Status });
        }

        return Task.FromResult(response);
    }

    public override async Task Watch(
        HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        if (Interlocked.Increment(ref _watchers) > MaxWatchers)
        {
            Interlocked.Decrement(ref _watchers);
            throw FleetError.Create(
                StatusCode.ResourceExhausted,
                Reason.QueueFull,
                $"more than {MaxWatchers} calls watch the health already",
                "Call Check instead.");
        }

        try
        {
            await FollowAsync(HealthState.Services.Contains(request.Service), responseStream, context.CancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _watchers);
        }
    }

    private async Task FollowAsync(
        bool known, IServerStreamWriter<HealthCheckResponse> responseStream, CancellationToken cancellationToken)
    {
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        HealthCheckResponse.Types.ServingStatus? told = null;
        try
        {
            while (true)
            {
                var now = known ? state.Status : HealthCheckResponse.Types.ServingStatus.ServiceUnknown;
                if (now != told)
                {
                    await responseStream.WriteAsync(new HealthCheckResponse { Status = now }, ends.Token);
                    told = now;
                }

                await Task.Delay(WatchInterval, clock, ends.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // The coordinator is shutting down: send a last status, so that a load balancer need not find out by itself.
            await responseStream.WriteAsync(
                new HealthCheckResponse { Status = HealthCheckResponse.Types.ServingStatus.NotServing }, cancellationToken);
        }
    }
}
