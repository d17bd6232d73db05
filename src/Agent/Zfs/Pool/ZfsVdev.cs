using System.Buffers.Text;
using System.Text;

namespace Fleet.Agent.Zfs.Pool;

/// <summary>A line of `zpool status`, config: the pool itself, a group of devices, or a device.</summary>
internal sealed record ZfsVdev
{
    /// <summary>The pool's name, "mirror-0" and the like, a path, or the guid of a device that is gone.</summary>
    public required string Name { get; init; }

    /// <summary>0: the pool, or a group or device of a class of its own; each level below counts one more.</summary>
    public required int Depth { get; init; }

    /// <summary>"": data. Otherwise "special", "logs", "cache", "spares", "dedup".</summary>
    public required string Class { get; init; }

    public required ZfsHealth Health { get; init; }

    /// <summary>Since the last `zpool clear`. Null if zpool does not count them (a spare).</summary>
    public required long? ReadErrors { get; init; }

    public required long? WriteErrors { get; init; }

    public required long? ChecksumErrors { get; init; }

    /// <summary>What zpool adds, for example "was /dev/sdb1". May be empty.</summary>
    public required string Note { get; init; }
}

/// <summary>
/// Reads the section "config:" of `zpool status`: a table whose heading says where the columns begin, because names may hold
/// spaces. Levels are indented by two spaces each.
/// </summary>
internal sealed class ZpoolVdevParser
{
    private readonly List<ZfsVdev> _vdevs = [];
    private int _nameWidth;
    private string _class = "";

    public IReadOnlyList<ZfsVdev> Vdevs => _vdevs;

    /// <summary>One line without its first tab. False if not understood.</summary>
    public bool TryLine(ReadOnlySpan<byte> line)
    {
        if (line.StartsWith("NAME "u8))
        {
            _nameWidth = line.IndexOf(" STATE "u8) + 1;
            return _nameWidth > 0;
        }

        if (line.Length <= _nameWidth || !line.Contains((byte)' '))
        {
            // "cache", "logs<tab>": what follows belongs to it.
            return TryClass(line.TrimEnd("\t "u8));
        }

        var name = line[.._nameWidth].TrimEnd((byte)' ');
        var indent = name.IndexOfAnyExcept((byte)' ');
        if (_nameWidth == 0 || indent < 0 || indent % 2 != 0)
        {
            return false;
        }

        var rest = line[_nameWidth..];
        if (!ZfsHealthParser.TryParse(NextWord(ref rest), out var health))
        {
            return false;
        }

        long?[] errors = [null, null, null];
        if (health is not (ZfsHealth.Available or ZfsHealth.InUse))
        {
            foreach (ref var count in errors.AsSpan())
            {
                var word = NextWord(ref rest);
                if (!Utf8Parser.TryParse(word, out long value, out var used) || used != word.Length || word.IsEmpty)
                {
                    return false;
                }

                count = value;
            }
        }

        _vdevs.Add(new ZfsVdev
        {
            Name = Encoding.UTF8.GetString(name[indent..]),
            Depth = indent / 2,
            Class = _class,
            Health = health,
            ReadErrors = errors[0],
            WriteErrors = errors[1],
            ChecksumErrors = errors[2],
            Note = Encoding.UTF8.GetString(rest.Trim((byte)' ')),
        });
        return true;
    }

    private static ReadOnlySpan<byte> NextWord(ref ReadOnlySpan<byte> rest)
    {
        rest = rest.TrimStart((byte)' ');
        var end = rest.IndexOf((byte)' ');
        var word = end < 0 ? rest : rest[..end];
        rest = rest[word.Length..];
        return word;
    }

    private bool TryClass(ReadOnlySpan<byte> word)
    {
        foreach (var known in (ReadOnlySpan<string>)["special", "logs", "cache", "spares", "dedup"])
        {
            if (word.SequenceEqual(Encoding.ASCII.GetBytes(known)))
            {
                _class = known;
                return true;
            }
        }

        return false;
    }
}
