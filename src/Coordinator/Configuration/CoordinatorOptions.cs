using System.Net;

namespace Fleet.Coordinator.Configuration;

/// <summary>
/// The content of coordinator.yaml. Read once; the settings that SIGHUP may change are in <see cref="ReloadableOptions"/>.
/// </summary>
internal sealed record CoordinatorOptions
{
    /// <summary>Where gRPC over TLS is served, for agents and operators.</summary>
    public IReadOnlyList<IPEndPoint> Listen { get; init; } = [new IPEndPoint(IPAddress.Any, 7443)];

    /// <summary>Where /metrics, /healthz and /readyz are served over plain HTTP. Null for nowhere.</summary>
    public IPEndPoint? HttpListen { get; init; } = new(IPAddress.Loopback, 7480);

    /// <summary>Further names and addresses for the server's certificate.</summary>
    public IReadOnlyList<string> ServerNames { get; init; } = [];

    /// <summary>Directory of fleet.db and of the certificate authority. Mode 0700.</summary>
    public string StateDirectory { get; init; } = "/var/lib/fleet-coordinator";

    /// <summary>Where everything is stored that is not a certificate. Null: in fleet.db and metrics.db in the state directory.</summary>
    public DatabaseOptions? Database { get; init; }

    /// <summary>Most queued runs of one host.</summary>
    public int QueuePerHost { get; init; } = 100;

    /// <summary>Most connections in total. Null for what LimitNOFILE allows, at most 20,000.</summary>
    public int? MaxConnections { get; init; }

    /// <summary>Most connections without an identity in total. Null for 1,000, but at most half of all.</summary>
    public int? MaxStrangers { get; init; }

    /// <summary>Most connections without an identity from one address. Null for 250.</summary>
    public int? MaxStrangersPerAddress { get; init; }

    /// <summary>Where traces and metrics are exported over OTLP. Null for nowhere.</summary>
    public Uri? OtlpEndpoint { get; init; }

    /// <summary>The settings that SIGHUP reloads.</summary>
    public ReloadableOptions Reloadable { get; init; } = new();
}
