using System.Security.Cryptography;
using System.Text;
using Fleet.Agent.Actions.Rsync;
using Fleet.Agent.Files;
using Fleet.Agent.Tools.Confinement;

namespace Fleet.Agent.Actions.Restore;

/// <summary>
/// Where a restore writes to. What is not there yet is written into a folder beside it that only root can enter and whose name nobody can
/// guess, and gets its own name once it is whole; a further attempt of the run continues there. Every call may take as long as the disk
/// does.
/// </summary>
/// <param name="destination">Stays the caller's.</param>
/// <param name="unfinished">The run's.</param>
internal sealed class RestoreTarget(GuardedPath destination, UnfinishedRestore unfinished) : IDisposable
{
    private const string Prefix = ".fleet-restore-";
    private const int RandomBytes = 16;
    private const uint Private = 0x1C0; // 0700

    private OpenPath? _work;

    public GuardedPath Destination => destination;

    public bool Exists => destination.Opened is not null;

    public bool IsFolder => destination.Opened is { IsFolder: true };

    /// <summary>The folder that what is written lies in, as long as it is not whole. Safe to show.</summary>
    public string TemporaryName => Encoding.ASCII.GetString(unfinished.Name);

    /// <exception cref="IOException">The folder that it lies in is not there, for example.</exception>
    public static RestoreTarget Open(GuardedPath destination, UnfinishedRestore unfinished) =>
        destination.Problem.Length > 0 ? throw new IOException(destination.Problem)
        : destination.Folder is null ? throw new IOException("the root folder cannot be restored to")
        : new RestoreTarget(destination, unfinished);

    /// <summary>Makes the temporary folder, or takes that of an earlier attempt, unless the destination exists.</summary>
    /// <returns>False if it exists.</returns>
    /// <exception cref="IOException"/>
    public bool Prepare()
    {
        if (Exists)
        {
            return false;
        }

        var earlier = unfinished.Name.Length > 0 ? destination.Folder!.Below(unfinished.Name, out _, out _) : null;
        if (earlier is { IsFolder: true } && earlier.Inode == unfinished.Inode)
        {
            _work = earlier;
            return true;
        }

        earlier?.Dispose();
        var name = Encoding.ASCII.GetBytes(Prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(RandomBytes)));
        if (!destination.Folder!.TryMakeFolder(name, Private))
        {
            throw new IOException($"{Encoding.ASCII.GetString(name)} already exists");
        }

        _work = destination.Folder.Below(name, out _, out var message)
            ?? throw new IOException($"{Encoding.ASCII.GetString(name)} cannot be opened: {message}");
        (unfinished.Name, unfinished.Inode) = (name, _work.Inode);
        return true;
    }

    /// <summary>What rsync gets.</summary>
    /// <param name="confined">It sees the host's own paths.</param>
    public byte[] Argument(bool confined, bool isFolder)
    {
        byte[] end = isFolder ? "/"u8.ToArray() : [];
        return _work is not null
            ? [.. confined ? WorkPath : Encoding.ASCII.GetBytes(_work.ProcPath), (byte)'/', .. destination.Name, .. end]
            : [.. confined ? destination.Path : IsFolder ? destination.ProcPath() : RestoreCommands.Path(destination.Folder!,
                destination.Name), .. end];
    }

    /// <summary>
    /// What rsync may write to: the temporary folder, the folder that is there, or the one that holds the file that is there.
    /// </summary>
    public ConfinedTree Tree(bool dryRun) =>
        _work is not null ? new ConfinedTree(_work, WorkPath, Writable: true)
        : IsFolder ? new ConfinedTree(destination.Opened!, destination.Path, !dryRun)
        : new ConfinedTree(destination.Folder!, LocalSides.FolderOf(destination.Path), !dryRun);

    /// <summary>What was written is whole. False if it has its name already.</summary>
    /// <exception cref="IOException">Something else has taken the name.</exception>
    public bool Complete()
    {
        if (_work is null)
        {
            return false;
        }

        _work.Rename(destination.Name, destination.Folder!, destination.Name);
        destination.Folder!.RemoveFolder(unfinished.Name);
        unfinished.Name = [];
        return true;
    }

    public void Dispose() => _work?.Dispose();

    private byte[] WorkPath =>
        [.. LocalSides.FolderOf(destination.Path) is [(byte)'/'] ? [] : LocalSides.FolderOf(destination.Path), (byte)'/',
            .. unfinished.Name];
}
