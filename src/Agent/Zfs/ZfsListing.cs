using Fleet.Agent.Logging;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Zfs;

/// <summary>
/// Collects what zfs or zpool lists, line by line. A line that its parser does not know is refused and shown, never guessed at:
/// property values are free text, and one with line ends and tabs in it can look like a line of its own. That is why a name
/// that comes twice is refused as a whole. Not to be read before the tool has ended.
/// </summary>
internal sealed class ZfsListing<T>(ZfsListing<T>.Parser parse, Func<T, string> name) : IToolOutput
    where T : class
{
    /// <summary>More than any usable pool has: an endless list must not fill the agent's memory.</summary>
    public const int MaxItems = 1_000_000;

    private const int MaxShown = 20;
    private readonly Dictionary<string, T?> _items = [];
    private readonly List<string> _order = [];
    private readonly List<string> _refused = [];

    /// <summary>Null if not understood.</summary>
    public delegate T? Parser(ReadOnlySpan<byte> line);

    /// <summary>What was understood, in the tool's order.</summary>
    public IEnumerable<T> Items => _order.Select(n => _items[n]).OfType<T>();

    /// <summary>The first 20 lines that were not understood. Safe to show.</summary>
    public IReadOnlyList<string> Refused => _refused;

    public long RefusedTotal { get; private set; }

    /// <summary>Nothing was refused: the list is complete.</summary>
    public bool IsComplete => RefusedTotal == 0;

    public StderrLines Errors { get; } = new();

    public void OnLine(LogStream stream, ReadOnlySpan<byte> line, LineEnd end, bool truncated)
    {
        if (stream == LogStream.Stderr)
        {
            Errors.Add(line);
        }
        else if (truncated || end != LineEnd.NewLine || _order.Count >= MaxItems || parse(line) is not { } item)
        {
            Refuse(line);
        }
        else if (_items.TryAdd(name(item), item))
        {
            _order.Add(name(item));
        }
        else
        {
            _items[name(item)] = null;
            Refuse(line);
        }
    }

    private void Refuse(ReadOnlySpan<byte> line)
    {
        RefusedTotal++;
        if (_refused.Count < MaxShown)
        {
            _refused.Add(LogText.Escape(line));
        }
    }
}
