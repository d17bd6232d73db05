using System.Buffers.Text;

namespace Fleet.Agent.Tools;

/// <summary>What /proc/PID/stat says about who a process is; see proc_pid_stat(5).</summary>
/// <param name="State">One letter; Z is a process that has ended and was not waited for.</param>
/// <param name="StartTicks">Clock ticks after boot.</param>
internal readonly record struct ProcessStat(int ProcessId, char State, int ParentId, int GroupId, long StartTicks)
{
    /// <summary>Null if there is no such process.</summary>
    public static ProcessStat? Read(int processId)
    {
        try
        {
            return Parse(processId, File.ReadAllBytes($"/proc/{processId}/stat"));
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Every process of this machine that can be read.</summary>
    public static IEnumerable<ProcessStat> All()
    {
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), out var processId) && Read(processId) is { } stat)
            {
                yield return stat;
            }
        }
    }

    private static ProcessStat? Parse(int processId, ReadOnlySpan<byte> text)
    {
        // The program's name stands in parentheses and may itself hold any of them.
        var afterName = text.LastIndexOf((byte)')') + 2;
        if (afterName < 2 || afterName >= text.Length)
        {
            return null;
        }

        var fields = text[afterName..];
        var state = (char)fields[0];
        int parent = 0, group = 0;
        long start = 0;
        for (var field = 3; !fields.IsEmpty; field++)
        {
            var space = fields.IndexOf((byte)' ');
            var value = space < 0 ? fields : fields[..space];
            _ = field switch
            {
                4 => Utf8Parser.TryParse(value, out parent, out _),
                5 => Utf8Parser.TryParse(value, out group, out _),
                22 => Utf8Parser.TryParse(value, out start, out _),
                _ => true,
            };
            if (field == 22 || space < 0)
            {
                break;
            }

            fields = fields[(space + 1)..];
        }

        return new ProcessStat(processId, state, parent, group, start);
    }
}
