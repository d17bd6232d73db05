using System.Text;

namespace Fleet.Agent.Actions.Restore;

/// <summary>
/// Where a restore writes to. What is not there yet is written under another name beside it, .fleet-restore-RUN, and gets its own once it is
/// whole; a further attempt of the run goes on there. Every call may take as long as the disk does.
/// </summary>
internal sealed class RestoreTarget : IDisposable
{
    private readonly OpenPath _folder;
    private readonly OpenPath? _existing;
    private readonly byte[] _name;
    private readonly byte[] _temporary;

    private RestoreTarget(OpenPath folder, OpenPath? existing, byte[] name, string runId)
    {
        (_folder, _existing, _name) = (folder, existing, name);
        _temporary = Encoding.ASCII.GetBytes($".fleet-restore-{runId}");
    }

    public bool Exists => _existing is not null;

    public bool IsFolder => _existing is { IsFolder: true };

    /// <summary>Name of what is written, as long as it is not whole. Safe to show.</summary>
    public string TemporaryName => Encoding.ASCII.GetString(_temporary);

    /// <param name="destination">Absolute, without symbolic links: one that is found nevertheless came in meanwhile.</param>
    /// <exception cref="IOException">The folder that it lies in is not there, for example.</exception>
    public static RestoreTarget Open(byte[] destination, string runId)
    {
        var slash = destination.AsSpan().LastIndexOf((byte)'/');
        if (slash < 0 || slash == destination.Length - 1)
        {
            throw new IOException("the root folder cannot be restored to");
        }

        var name = destination[(slash + 1)..];
        var folder = OpenPath.Folder(slash == 0 ? "/"u8 : destination.AsSpan(0, slash));
        try
        {
            return new RestoreTarget(folder, folder.Find(name, sameMount: false), name, runId);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>For rsync.</summary>
    public byte[] Argument(bool isFolder) =>
        _existing is { IsFolder: true } ? RestoreCommands.Path(_existing, []) : [.. RestoreCommands.Path(_folder, Exists ? _name : _temporary), .. isFolder ? "/"u8 : []];

    /// <summary>What was written is whole. False: it has its name already.</summary>
    /// <exception cref="IOException">Something else has the name by now.</exception>
    public bool Complete()
    {
        if (!Exists)
        {
            _folder.Rename(_temporary, _name);
        }

        return !Exists;
    }

    public void Dispose()
    {
        _existing?.Dispose();
        _folder.Dispose();
    }
}
