using System.Globalization;

namespace Fleet.EndToEnd.Machines;

/// <summary>What /proc says about processes: see proc(5).</summary>
internal static class ProcessTable
{
    /// <summary>The descendant of <paramref name="process"/> that is process 1 of a process namespace, seen from here.</summary>
    public static int? FirstProcessUnder(int process)
    {
        foreach (var child in Children(process))
        {
            if (IsFirstInNamespace(child))
            {
                return child;
            }
            if (FirstProcessUnder(child) is int found)
            {
                return found;
            }
        }
        return null;
    }

    /// <summary>The processes whose command line has <paramref name="argument"/> as one of its arguments, or begins one.</summary>
    public static IEnumerable<int> WithArgument(string argument) =>
        Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id =>
                id > 0 && Read($"/proc/{id}/cmdline").Split('\0').Any(part => part.StartsWith(argument, StringComparison.Ordinal)));

    private static IEnumerable<int> Children(int process) =>
        Read($"/proc/{process}/task/{process}/children")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(id => int.Parse(id, CultureInfo.InvariantCulture));

    private static bool IsFirstInNamespace(int process) =>
        Read($"/proc/{process}/status").Split('\n')
            .FirstOrDefault(line => line.StartsWith("NSpid:", StringComparison.Ordinal))?
            .Split('\t') is [_, _, .., "1"];

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            // The process has just ended.
            return "";
        }
    }
}
