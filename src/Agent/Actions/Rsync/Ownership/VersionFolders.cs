using System.Text;
using Fleet.Agent.Host;
using Fleet.Agent.Storage;

namespace Fleet.Agent.Actions.Rsync.Ownership;

/// <summary>
/// The folders on this host that dated trees were written to, kept in the agent's state: what lies deep below a destination would be found
/// by no look that is short. Thread-safe.
/// </summary>
/// <param name="path">One path per line, in hex.</param>
internal sealed class VersionFolders(string path)
{
    /// <summary>None is forgotten for another one: what is not known here could be hidden from a mirror behind many others.</summary>
    public const int Most = 10_000;

    private readonly Lock _gate = new();
    private List<byte[]>? _folders;

    /// <exception cref="IOException">It cannot be kept.</exception>
    /// <exception cref="UnauthorizedAccessException"/>
    public void Remember(byte[] folder)
    {
        lock (_gate)
        {
            var folders = Load();
            if (folders.Exists(f => f.AsSpan().SequenceEqual(folder)))
            {
                return;
            }

            if (folders.Count >= Most)
            {
                throw new IOException(
                    $"this host has written dated trees to {Most} folders already: "
                    + $"remove lines of folders that are gone from {path}, and restart the agent");
            }

            List<byte[]> next = [.. folders, folder];
            DurableFile.Write(path, Encoding.ASCII.GetBytes(string.Concat(next.Select(f => $"{Convert.ToHexString(f)}\n"))));
            _folders = next;
        }
    }

    /// <summary>Those below a folder, not itself, relative to it.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException"/>
    public IReadOnlyList<byte[]> Below(byte[] folder)
    {
        lock (_gate)
        {
            return [.. Load().Where(f => MountTable.IsAtOrBelow(f, folder) && f.Length > folder.Length).Select(
                f => f[(folder.Length == 1 ? 1 : folder.Length + 1)..])];
        }
    }

    private List<byte[]> Load()
    {
        if (_folders is null)
        {
            var lines = Encoding.ASCII.GetString(DurableFile.ReadIfExists(path) ?? []).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            _folders = [.. lines.Where(IsHex).Select(Convert.FromHexString)];
        }

        return _folders;
    }

    private static bool IsHex(string line) => line.Length % 2 == 0 && line.All(char.IsAsciiHexDigit);
}
