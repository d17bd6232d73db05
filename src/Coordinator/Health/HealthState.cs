using Grpc.Health.V1;

namespace Fleet.Coordinator.Health;

/// <summary>Whether this process works, in the words of grpc.health.v1.</summary>
internal sealed class HealthState(IReadiness readiness, IHostApplicationLifetime lifetime)
{
    /// <summary>The names of services that can be asked for; "" is the whole server.</summary>
    public static readonly IReadOnlyList<string> Services =
    [
        "",
        "fleet.v1.AgentService",
        "fleet.v1.FleetService",
        "fleet.v1.EventService",
        "fleet.v1.AdminService",
    ];

    /// <summary>Null if ready; otherwise why not, in one sentence.</summary>
    public string? NotReadyReason =>
        lifetime.ApplicationStopping.IsCancellationRequested ? "the coordinator is stopping" : readiness.NotReadyReason;

    public HealthCheckResponse.Types.ServingStatus Status => NotReadyReason is null
        ? HealthCheckResponse.Types.ServingStatus.Serving
        : HealthCheckResponse.Types.ServingStatus.NotServing;
}
