using System.Globalization;
using System.Runtime.InteropServices;
using Fleet.Coordinator.Metrics;
using Fleet.MetricBench;

// Figures for the metrics that the coordinator holds in memory: an hour of a thousand hosts. Nothing is asserted.
const int Hosts = 1_000;
CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
Console.WriteLine($"{RuntimeInformation.OSDescription}, {RuntimeInformation.ProcessArchitecture}, "
    + $"{Environment.ProcessorCount} processors, {RuntimeInformation.FrameworkDescription}");

var before = GC.GetTotalMemory(forceFullCollection: true);
var cpuBefore = Environment.CpuUsage.TotalTime;
var budget = new MetricBudget();
var hosts = Enumerable.Range(0, Hosts).Select(i => HourOfMetrics.Of($"host{i}", i, budget)).ToList();
var cpu = Environment.CpuUsage.TotalTime - cpuBefore;
var used = GC.GetTotalMemory(forceFullCollection: true) - before;
var samples = hosts.Sum(static host => host.Size().Samples);
var packed = hosts.Sum(static host => host.Size().Bytes);
GC.KeepAlive(hosts);

Console.WriteLine($"{Hosts:N0} hosts, {HourOfMetrics.Series} series each, {samples:N0} samples");
Console.WriteLine($"packed samples: {packed / 1048576.0,6:N0} MiB, {(double)packed / samples:N2} bytes per sample");
Console.WriteLine($"in all:         {used / 1048576.0,6:N0} MiB");
Console.WriteLine($"CPU:            {cpu.TotalSeconds,6:N1} s, {cpu.TotalMicroseconds / samples:N2} us per sample");
