using System.Buffers.Text;
using System.Text;

namespace Fleet.Agent.Host;

/// <summary>The mounts that this process sees. Reading it touches no file system but /proc, so that nothing there can hang it.</summary>
internal sealed class MountTable
{
    private MountTable(IReadOnlyList<Mount> mounts) => Mounts = mounts;

    /// <summary>In the order of mounting: of two on the same point the later one is seen.</summary>
    public IReadOnlyList<Mount> Mounts { get; }

    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="FormatException">A line has another shape than proc(5) says; the message holds it.</exception>
    public static MountTable Read(string mountInfo = "/proc/self/mountinfo") => Parse(File.ReadAllBytes(mountInfo));

    /// <inheritdoc cref="Read"/>
    public static MountTable Parse(ReadOnlySpan<byte> text)
    {
        var mounts = new List<Mount>();
        foreach (var range in text.Split((byte)'\n'))
        {
            if (!text[range].IsEmpty)
            {
                mounts.Add(ParseLine(text[range]));
            }
        }

        return new MountTable(mounts);
    }

    /// <summary>The mount that a path without symbolic links lies on. Null if the table holds no root.</summary>
    public Mount? Of(ReadOnlySpan<byte> path)
    {
        Mount? best = null;
        foreach (var mount in Mounts)
        {
            if (IsAtOrBelow(path, mount.Point) && (best is null || mount.Point.Length >= best.Point.Length))
            {
                best = mount;
            }
        }

        return best;
    }

    /// <summary>Compares whole path elements. Both absolute, without a slash at the end.</summary>
    public static bool IsAtOrBelow(ReadOnlySpan<byte> path, ReadOnlySpan<byte> folder) =>
        folder is [(byte)'/']
        || (path.StartsWith(folder) && (path.Length == folder.Length || path[folder.Length] == '/'));

    private static Mount ParseLine(ReadOnlySpan<byte> line)
    {
        // 36 35 98:0 /root /mnt/point rw,noatime master:1 - ext3 /dev/root rw,errors=continue
        Span<Range> fields = stackalloc Range[16];
        var count = 0;
        var separator = -1;
        foreach (var range in line.Split((byte)' '))
        {
            if (count == fields.Length)
            {
                break;
            }

            if (separator < 0 && line[range].SequenceEqual("-"u8))
            {
                separator = count;
            }

            fields[count++] = range;
        }

        if (separator < 6 || count < separator + 4 || !Utf8Parser.TryParse(line[fields[0]], out int id, out _))
        {
            throw new FormatException($"mountinfo: this line is not understood: {Logging.LogText.Escape(line)}");
        }

        return new Mount(
            id,
            Encoding.UTF8.GetString(line[fields[2]]),
            Unescape(line[fields[3]]),
            Unescape(line[fields[4]]),
            Encoding.UTF8.GetString(line[fields[separator + 1]]),
            Unescape(line[fields[separator + 2]]),
            HasOption(line[fields[5]], "ro"u8) || HasOption(line[fields[separator + 3]], "ro"u8));
    }

    private static bool HasOption(ReadOnlySpan<byte> options, ReadOnlySpan<byte> option)
    {
        foreach (var range in options.Split((byte)','))
        {
            if (options[range].SequenceEqual(option))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The kernel writes space, tab, line feed and backslash as \040, \011, \012 and \134.</summary>
    private static byte[] Unescape(ReadOnlySpan<byte> field)
    {
        if (field.IndexOf((byte)'\\') < 0)
        {
            return field.ToArray();
        }

        var result = new List<byte>(field.Length);
        for (var i = 0; i < field.Length; i++)
        {
            if (field[i] == '\\' && i + 3 < field.Length && IsOctal(field[i + 1]) && IsOctal(field[i + 2]) && IsOctal(field[i + 3]))
            {
                result.Add((byte)(((field[i + 1] - '0') << 6) | ((field[i + 2] - '0') << 3) | (field[i + 3] - '0')));
                i += 3;
            }
            else
            {
                result.Add(field[i]);
            }
        }

        return [.. result];
    }

    private static bool IsOctal(byte b) => b is >= (byte)'0' and <= (byte)'7';
}
