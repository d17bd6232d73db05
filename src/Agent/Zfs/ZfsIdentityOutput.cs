using Fleet.Agent.Logging;
using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Zfs;

/// <summary>Collects what <see cref="ZfsCommands.Identity"/> prints. A snapshot that is not in it could not be told for certain.</summary>
internal sealed class ZfsIdentityOutput : IToolOutput
{
    private readonly ZfsIdentityParser _parser = new();
    private readonly Dictionary<string, ZfsIdentity> _snapshots = [];

    /// <summary>By full name.</summary>
    public IReadOnlyDictionary<string, ZfsIdentity> Snapshots => _snapshots;

    /// <summary>The first line that was not understood, safe to show. Null: all were.</summary>
    public string? Refused { get; private set; }

    public StderrLines Errors { get; } = new();

    public void OnLine(LogStream stream, ReadOnlySpan<byte> line, LineEnd end, bool truncated)
    {
        if (stream == LogStream.Stderr)
        {
            Errors.Add(line);
            return;
        }

        var identity = _parser.Line(line, out var understood);
        if (!understood || truncated || (identity is not null && !_snapshots.TryAdd(identity.Snapshot, identity)))
        {
            Refused ??= LogText.Escape(line);
        }
    }
}
