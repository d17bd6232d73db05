using System.Text;
using Fleet.Agent.Host;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Metrics.Collectors;

/// <summary>
/// Temperatures, from /sys/class/hwmon/*/temp*_input in thousandths of a degree Celsius (the kernel's
/// Documentation/hwmon/sysfs-interface.rst). The list of sensors is refreshed now and then: disks come and go.
/// </summary>
internal sealed class TemperatureCollector(HostPaths paths, TimeProvider time) : ICollector, IDisposable
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMinutes(5);

    private List<Sensor> _sensors = [];
    private long? _lookedAt;
    private ProbeThread? _thread;
    private Task? _reading;
    private volatile bool _stop;

    public string Name => "temperatures";

    /// <summary>Some drivers ask the device, and a sleeping disk takes its time.</summary>
    public TimeSpan DefaultTimeout => TimeSpan.FromSeconds(5);

    public void Prepare()
    {
        if (_lookedAt is not { } at || time.GetElapsedTime(at) > LookInterval)
        {
            Close();
            _sensors = Look();
            _lookedAt = time.GetTimestamp();
        }

        _stop = false;
        _reading = _sensors.Count == 0 ? Task.CompletedTask : (_thread ??= new ProbeThread("sensors")).RunAsync(Read);
    }

    public ValueTask CollectAsync(MetricWriter writer, CancellationToken cancellationToken)
    {
        if (_reading is null)
        {
            Prepare();
        }

        var reading = _reading!;
        _reading = null;
        if (!reading.IsCompletedSuccessfully)
        {
            return new ValueTask(FollowAsync(reading, writer, cancellationToken));
        }

        Write(writer);
        return ValueTask.CompletedTask;
    }

    public void Dispose()
    {
        _thread?.Dispose();
        Close();
    }

    private async Task FollowAsync(Task reading, MetricWriter writer, CancellationToken cancellationToken)
    {
        try
        {
            await using var registration = cancellationToken.UnsafeRegister(
                static collector => ((TemperatureCollector)collector!)._stop = true, this);
            await reading;
            cancellationToken.ThrowIfCancellationRequested();
        }
        finally
        {
            Write(writer);
        }
    }

    private void Write(MetricWriter writer)
    {
        foreach (var sensor in _sensors)
        {
            if (sensor.Celsius is { } celsius)
            {
                writer.Add("fleet_temperature_celsius", MetricKind.Gauge, celsius, "chip", sensor.Chip, "sensor", sensor.Name);
            }
        }
    }

    /// <summary>On the thread for it: a driver may wait for its device.</summary>
    private void Read()
    {
        _sensors.ForEach(static s => s.Celsius = null);
        foreach (var sensor in _sensors)
        {
            if (_stop)
            {
                return;
            }

            try
            {
                var fields = new FieldReader(sensor.File.Read().TrimEnd((byte)'\n'));
                sensor.Celsius = fields.AtEnd ? null : fields.NextInteger() / 1e3;
            }
            catch (IOException)
            {
                // ENXIO, ENODATA and EIO are what drivers answer for a sensor that is asleep or not wired. It has no value now.
            }
        }
    }

    private void Close() => _sensors.ForEach(static s => s.File.Dispose());

    private List<Sensor> Look()
    {
        var root = paths.Sys("class/hwmon");
        List<Sensor> sensors = [];
        HashSet<string> chips = [];
        if (!Directory.Exists(root))
        {
            return sensors;
        }

        foreach (var chip in Directory.EnumerateDirectories(root).Order(StringComparer.Ordinal))
        {
            var chipName = $"{Text(Path.Join(chip, "name"))}/{DeviceName(chip)}";
            if (!chips.Add(chipName))
            {
                chipName = $"{chipName}/{Path.GetFileName(chip)}";
            }

            HashSet<string> labels = [];
            foreach (var input in Directory.EnumerateFiles(chip, "temp*_input").Order(StringComparer.Ordinal))
            {
                var sensor = Path.GetFileName(input)[..^"_input".Length];
                var label = Text(Path.Join(chip, sensor + "_label"));
                var name = label.Length > 0 && labels.Add(label) ? label : sensor;
                sensors.Add(new Sensor(new ProcFile(input), Encoding.UTF8.GetBytes(chipName), Encoding.UTF8.GetBytes(name)));
            }
        }

        return sensors;
    }

    /// <summary>hwmonN is renumbered at each boot, the device's own name is not: "nvme0", "coretemp.0".</summary>
    private static string DeviceName(string chip) =>
        Path.GetFileName(new DirectoryInfo(Path.Join(chip, "device")).LinkTarget?.TrimEnd('/')) ?? Path.GetFileName(chip);

    private static string Text(string path) => File.Exists(path) ? File.ReadAllText(path).Trim() : "";

    private sealed record Sensor(ProcFile File, byte[] Chip, byte[] Name)
    {
        /// <summary>Null if there is none now.</summary>
        public double? Celsius { get; set; }
    }
}
