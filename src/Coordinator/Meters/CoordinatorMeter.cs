using System.Diagnostics.Metrics;

namespace Fleet.Coordinator.Meters;

/// <summary>The coordinator's metrics about itself. /metrics shows them, and OTLP exports them. Names follow OpenTelemetry: /metrics turns
/// "fleet.coordinator.grpc.calls" into "fleet_coordinator_grpc_calls_total".</summary>
internal static class CoordinatorMeter
{
    public const string Name = "Fleet.Coordinator";

    public static readonly Meter Meter = new(Name);

    public static readonly Counter<long> GrpcCalls = Meter.CreateCounter<long>(
        "fleet.coordinator.grpc.calls", "{call}", "Finished gRPC calls by method and status code.");

    public static readonly Histogram<double> GrpcDuration = Meter.CreateHistogram(
        "fleet.coordinator.grpc.unary.duration",
        "s",
        "Duration of unary gRPC calls.",
        advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
        });

    public static readonly UpDownCounter<long> GrpcActive = Meter.CreateUpDownCounter<long>(
        "fleet.coordinator.grpc.active_calls", "{call}", "gRPC calls in progress, by method.");

    public static readonly Histogram<double> StoreCommit = Meter.CreateHistogram(
        "fleet.coordinator.store.commit.duration",
        "s",
        "Time from the beginning of a group commit until it is durable.",
        advice: new InstrumentAdvice<double>
        {
            HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
        });

    public static readonly Counter<long> StoreCommands = Meter.CreateCounter<long>(
        "fleet.coordinator.store.commands", "{command}", "Commands that were committed.");

    public static readonly UpDownCounter<long> StoreQueue = Meter.CreateUpDownCounter<long>(
        "fleet.coordinator.store.queue", "{command}", "Commands that wait for the store's writer.");

    public static readonly Counter<long> LogLines = Meter.CreateCounter<long>(
        "fleet.coordinator.run_log.lines", "{line}", "Log lines of runs that were stored.");

    public static readonly Counter<long> LogLinesDropped = Meter.CreateCounter<long>(
        "fleet.coordinator.run_log.lines_dropped", "{line}", "Log lines of runs that were left out: they came too fast.");

    public static readonly Counter<long> EntriesCut = Meter.CreateCounter<long>(
        "fleet.coordinator.outbox.entries_cut", "{entry}", "Results that were kept without details, since their host was over its budget.");

    public static readonly Counter<long> EntriesLeftOut = Meter.CreateCounter<long>(
        "fleet.coordinator.outbox.entries_left_out",
        "{entry}",
        "Notices and unknown runs that were not kept, since their host was over its budget.");

    public static readonly Counter<long> ConnectionsClosed = Meter.CreateCounter<long>(
        "fleet.coordinator.connections_closed",
        "{connection}",
        "Connections without an identity that were closed or refused to make room for others.");

    public static readonly UpDownCounter<long> Connections = Meter.CreateUpDownCounter<long>(
        "fleet.coordinator.connections", "{connection}", "Connections that are open.");

    public static readonly Counter<long> SamplesTaken = Meter.CreateCounter<long>(
        "fleet.coordinator.metrics.samples", "{sample}", "Samples of hosts that were taken.");

    public static readonly Counter<long> SamplesDropped = Meter.CreateCounter<long>(
        "fleet.coordinator.metrics.samples_dropped",
        "{sample}",
        "Samples of hosts that were dropped: refused series, repeated or malformed batches.");

    public static readonly Counter<long> SeriesRefused = Meter.CreateCounter<long>(
        "fleet.coordinator.metrics.series_refused", "{series}", "Series of hosts that were refused.");

    public static readonly Counter<long> RollupsWritten = Meter.CreateCounter<long>(
        "fleet.coordinator.metrics.rollups", "{rollup}", "Five-minute roll-ups that were written.");

    public static readonly Counter<long> RollupsDropped = Meter.CreateCounter<long>(
        "fleet.coordinator.metrics.rollups_dropped", "{rollup}", "Five-minute roll-ups that could not be kept.");

    public static readonly Counter<long> AuthRefused = Meter.CreateCounter<long>(
        "fleet.coordinator.refused_calls", "{call}", "Calls that were refused for want of identity or role.");
}
