using System.Buffers.Text;
using Fleet.Agent.Host;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Metrics.Collectors;

/// <summary>
/// Pressure stall information, from /proc/pressure (the kernel's Documentation/accounting/psi.rst). A kernel without it, or with
/// psi=0, has no such folder: then there is nothing to collect.
/// </summary>
internal sealed class PressureCollector : ICollector, IDisposable
{
    private static readonly string[] Resources = ["cpu", "io", "memory"];

    private readonly (byte[] Resource, ProcFile File)[] _files;

    public PressureCollector(HostPaths paths) =>
        _files =
        [
            .. Resources
                .Where(r => File.Exists(paths.Proc($"pressure/{r}")))
                .Select(r => (System.Text.Encoding.ASCII.GetBytes(r), new ProcFile(paths.Proc($"pressure/{r}")))),
        ];

    public string Name => "pressure";

    public TimeSpan DefaultTimeout => TimeSpan.FromSeconds(2);

    public ValueTask CollectAsync(MetricWriter writer, CancellationToken cancellationToken)
    {
        foreach (var (resource, file) in _files)
        {
            Write(resource, file.Read(), writer);
        }

        return ValueTask.CompletedTask;
    }

    public void Dispose()
    {
        foreach (var (_, file) in _files)
        {
            file.Dispose();
        }
    }

    // some avg10=0.00 avg60=0.00 avg300=0.00 total=0
    internal static void Write(ReadOnlySpan<byte> resource, ReadOnlySpan<byte> text, MetricWriter writer)
    {
        var found = false;
        foreach (var range in text.Split((byte)'\n'))
        {
            var fields = new FieldReader(text[range]);
            if (!fields.TryNext(out var kind))
            {
                continue;
            }

            fields.Skip(3);
            var total = fields.Next();
            if (!total.StartsWith("total="u8) || !Utf8Parser.TryParse(total["total="u8.Length..], out ulong microseconds, out var used)
                || "total="u8.Length + used != total.Length)
            {
                throw fields.NotUnderstood();
            }

            found = true;
            writer.Add("fleet_pressure_stalled_seconds_total", MetricKind.Counter, microseconds / 1e6, "resource", resource, "kind", kind);
        }

        if (!found)
        {
            throw new FormatException("a pressure file is empty");
        }
    }
}
