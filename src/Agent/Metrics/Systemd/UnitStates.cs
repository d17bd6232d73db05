using System.Globalization;
using System.Text;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Metrics.Systemd;

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
