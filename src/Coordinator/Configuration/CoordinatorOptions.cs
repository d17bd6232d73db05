using System.Net;

namespace Fleet.Coordinator.Configuration;

/// <summary>Everything in coordinator.yaml. Read once; what SIGHUP may change is in <see cref="ReloadableOptions"/>.</summary>
internal sealed record CoordinatorOptions
{
    /// <summary>Where gRPC over TLS is offered, for agents and operators.</summary>
    public IReadOnlyList<IPEndPoint> Listen { get; init; } = [new IPEndPoint(IPAddress.Any, 7443)];

    /// <summary>Where /metrics, /healthz and /readyz are offered, plain HTTP. Null: nowhere.</summary>
    public IPEndPoint? HttpListen { get; init; } = new(IPAddress.Loopback, 7480);

    /// <summary>Further names and addresses for the server's certificate.</summary>
    public IReadOnlyList<string> ServerNames { get; init; } = [];

    /// <summary>Directory of fleet.db and of the certificate authority. Mode 0700.</summary>
    public string StateDirectory { get; init; } = "/var/lib/fleet-coordinator";

    /// <summary>Queued runs that one host may have.</summary>
    public int QueuePerHost { get; init; } = 100;

    /// <summary>Connections in all. Null: what LimitNOFILE allows, at most 20,000.</summary>
    public int? MaxConnections { get; init; }

    /// <summary>Connections without an identity, in all. Null: 1,000, and at most half of all.</summary>
    public int? MaxStrangers { get; init; }

    /// <summary>Connections without an identity from one address. Null: 250.</summary>
    public int? MaxStrangersPerAddress { get; init; }

    /// <summary>Where traces and metrics are exported to over OTLP. Null: nowhere.</summary>
    public Uri? OtlpEndpoint { get; init; }

    /// <summary>What SIGHUP reads again.</summary>
    public ReloadableOptions Reloadable { get; init; } = new();
}
