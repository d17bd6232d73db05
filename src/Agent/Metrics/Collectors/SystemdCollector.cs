using System.Globalization;
using System.Text;
using Fleet.Agent.Host;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Metrics.Collectors;

/// <summary>
/// Failed units and restarts of services, from systemctl(1). Asked once a minute: it costs a process and some milliseconds of
/// systemd's time; in between the last answer is repeated. On a host without systemd there is nothing to collect.
/// </summary>
internal sealed class SystemdCollector(HostPaths paths, IToolRunner tools, TimeProvider time) : ICollector
{
    /// <summary>How many units are named: a host where more have failed has one problem, not a hundred.</summary>
    public const int MaxNamedUnits = 100;

    private static readonly TimeSpan AskInterval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan ToolTimeout = TimeSpan.FromSeconds(10);

    private static readonly IReadOnlyList<ToolArgument> Arguments =
    [
        .. new[] { "show", "--no-pager", "--property=Id,ActiveState,NRestarts", "*.service", "*.timer", "*.mount", "*.socket" }
            .Select(a => (ToolArgument)a),
    ];

    private readonly HashSet<string> _everFailed = [];
    private UnitStates _states = new();
    private long? _askedAt;

    public string Name => "systemd";

    public TimeSpan DefaultTimeout => TimeSpan.FromSeconds(15);

    public async ValueTask CollectAsync(MetricWriter writer, CancellationToken cancellationToken)
    {
        // sd_booted(3): this folder is there only when systemd is the service manager.
        if (!Directory.Exists(paths.Run("systemd/system")))
        {
            return;
        }

        if (_askedAt is not { } at || time.GetElapsedTime(at) >= AskInterval)
        {
            var states = new UnitStates();
            var request = new ToolRequest { Program = "systemctl", Arguments = Arguments, Timeout = ToolTimeout };
            var result = await Task.Run(() => tools.RunAsync(request, states, cancellationToken), cancellationToken);
            states.EndOfBlock();
            if (!result.Succeeded || states.UnitsByState.Count == 0)
            {
                throw new IOException(
                    $"systemctl show: {result.End}, exit code {result.ExitCode}, {states.UnitsByState.Count} states {result.Message}");
            }

            _states = states;
            _askedAt = time.GetTimestamp();
        }

        Write(writer);
    }

    private void Write(MetricWriter writer)
    {
        foreach (var (state, units) in _states.UnitsByState)
        {
            writer.Add("fleet_systemd_units", MetricKind.Gauge, units, "state", Encoding.UTF8.GetBytes(state));
        }

        // 0 once it has recovered: a series that just ends reads like missing data.
        _everFailed.UnionWith(_states.Failed.Take(MaxNamedUnits - Math.Min(_everFailed.Count, MaxNamedUnits)));
        foreach (var unit in _everFailed)
        {
            writer.Add(
                "fleet_systemd_unit_failed", MetricKind.Gauge, _states.Failed.Contains(unit) ? 1 : 0, "unit", Encoding.UTF8.GetBytes(unit));
        }

        foreach (var (unit, restarts) in _states.Restarts.Take(MaxNamedUnits))
        {
            writer.Add("fleet_systemd_unit_restarts_total", MetricKind.Counter, restarts, "unit", Encoding.UTF8.GetBytes(unit));
        }
    }
}

/// <summary>
/// Reads what `systemctl show --property=Id,ActiveState,NRestarts PATTERN...` prints: KEY=VALUE lines, one block per unit, an empty
/// line between blocks. Keys that it does not know are passed over, as systemctl(1) asks of programs.
/// </summary>
internal sealed class UnitStates : IToolOutput
{
    private string _id = "";
    private string _state = "";
    private long _restarts;

    public Dictionary<string, int> UnitsByState { get; } = [];

    public HashSet<string> Failed { get; } = [];

    public Dictionary<string, long> Restarts { get; } = [];

    public void OnLine(LogStream stream, ReadOnlySpan<byte> line, LineEnd end, bool truncated)
    {
        if (stream != LogStream.Stdout)
        {
            return;
        }

        if (line.IsEmpty)
        {
            EndOfBlock();
            return;
        }

        var equals = line.IndexOf((byte)'=');
        if (equals < 0)
        {
            return;
        }

        var value = Encoding.UTF8.GetString(line[(equals + 1)..]);
        switch (line[..equals])
        {
            case var key when key.SequenceEqual("Id"u8):
                _id = value;
                break;
            case var key when key.SequenceEqual("ActiveState"u8):
                _state = value;
                break;
            case var key when key.SequenceEqual("NRestarts"u8):
                _ = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out _restarts);
                break;
            default:
                break;
        }
    }

    /// <summary>Call after the last line.</summary>
    public void EndOfBlock()
    {
        if (_id.Length > 0 && _state.Length > 0)
        {
            UnitsByState[_state] = UnitsByState.GetValueOrDefault(_state) + 1;
            if (_state == "failed")
            {
                Failed.Add(_id);
            }

            if (_restarts > 0)
            {
                Restarts[_id] = _restarts;
            }
        }

        (_id, _state, _restarts) = ("", "", 0);
    }
}
