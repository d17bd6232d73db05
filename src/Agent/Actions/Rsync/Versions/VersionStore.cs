using System.Text;
using System.Text.Json;
using Fleet.Agent.Actions.Rsync.Ownership;
using Fleet.Agent.Files;
using Fleet.Agent.Logging;

namespace Fleet.Agent.Actions.Rsync.Versions;

/// <summary>
/// The dated trees below one destination and their records. Every call may throw <see cref="IOException"/>,
/// <see cref="UnauthorizedAccessException"/> or <see cref="JsonException"/>, and may take as long as the disk does.
/// </summary>
internal sealed class VersionStore
{
    private const string IndexFolder = ".fleet";
    private const string OwnerFileName = "owner.json";
    private const string OwnerName = $"{IndexFolder}/{OwnerFileName}";
    private const int MaxRecordBytes = 64 * 1024;
    private const int MaxRecords = 20_000;
    private readonly OpenPath _folder;

    private VersionStore(byte[] destination, OpenPath folder) => (Destination, _folder) = (destination, folder);

    /// <summary>Absolute, without symbolic links. For people: tools get <see cref="ProcPathOf"/>.</summary>
    public byte[] Destination { get; }

    /// <summary>Records that were skipped, with the reason. Safe to log.</summary>
    public List<string> Warnings { get; } = [];

    /// <summary>
    /// True if somebody keeps dated trees in this folder. A copy of such a folder is none: neither it nor its trees are what the records
    /// name.
    /// </summary>
    /// <param name="makers">Who can have made the records.</param>
    public static bool IsVersionsFolder(OpenPath folder, MarkMakers makers) =>
        makers.Made(folder, IndexFolder)
            && folder.FolderInode(".fleet"u8) is not null
            && (OwnerFile.Read(folder, OwnerName) is not null || Open(folder, [], readOnly: true).Known().Count > 0);

    /// <summary>Whose folder it is. Null if it is nobody's yet.</summary>
    public OwnerMarker? Owner() => OwnerFile.Read(_folder, OwnerName);

    public void Claim(ActionContext context) => OwnerFile.Write(_folder, context, OwnerName);

    /// <param name="folder">Stays the caller's, and must stay open.</param>
    /// <param name="destination">Its path.</param>
    /// <param name="readOnly">Nothing is made in it.</param>
    public static VersionStore Open(OpenPath folder, byte[] destination, bool readOnly)
    {
        if (!readOnly)
        {
            folder.MakeFolder(".fleet"u8, Convert.ToUInt32("700", 8));
        }

        return new VersionStore(destination, folder);
    }

    /// <summary>The absolute path of a tree.</summary>
    public byte[] PathOf(string folder) => [.. Destination, .. Destination is [(byte)'/'] ? [] : "/"u8, .. Encoding.ASCII.GetBytes(folder)];

    /// <summary>How a tool that is not confined reaches a tree, whatever happens to the destination's name.</summary>
    public byte[] ProcPathOf(string folder) => Encoding.ASCII.GetBytes($"{_folder.ProcPath}/{folder}");

    /// <summary>Records whose folders are there and are the ones that Fleet made.</summary>
    public IReadOnlyList<VersionRecord> Known()
    {
        var known = new List<VersionRecord>();
        var files = 0;
        using var index = Index();
        foreach (var file in index is null ? [] : Directory.EnumerateFiles(index.ProcPath, "*.json").Select(f => Path.GetFileName(f)))
        {
            if (file == OwnerFileName)
            {
                continue;
            }

            if (++files > MaxRecords)
            {
                throw new IOException(
                    $"{IndexFolder} in {LogText.Escape(Destination)} holds more than {MaxRecords} records: somebody else put files there");
            }

            if (Read(index!, file) is not { } record || file != FileOf(record.Folder))
            {
                Warnings.Add($"the record {LogText.Escape(file)} in .fleet is damaged: its tree is left alone");
                continue;
            }

            var inode = Inode(record.Folder);
            if (inode == record.Inode)
            {
                known.Add(record);
            }
            else if (inode is not null)
            {
                Warnings.Add($"{record.Folder} is not the folder that Fleet made: it is left alone");
            }
        }

        return known;
    }

    /// <summary>Makes the folder of a new tree and its record.</summary>
    public VersionRecord Begin(string name, string folder, string policy, string runId, string hostId, DateTimeOffset instant)
    {
        var bytes = Encoding.ASCII.GetBytes(folder);
        if (!_folder.TryMakeFolder(bytes, Convert.ToUInt32("700", 8)))
        {
            // Without a record it is what a crash left between the next two steps, and then empty; anything else makes this fail.
            _folder.RemoveFolder(bytes);
            if (!_folder.TryMakeFolder(bytes, Convert.ToUInt32("700", 8)))
            {
                throw new IOException($"{folder} was made by somebody else while this run prepared it");
            }
        }

        var record = new VersionRecord
        {
            Name = name,
            Folder = folder,
            Policy = policy,
            RunId = runId,
            HostId = hostId,
            Instant = instant,
            Inode = Inode(folder) ?? throw new IOException($"{folder} vanished"),
            Complete = false,
        };
        Write(record);
        _folder.Flush();
        return record;
    }

    /// <summary>Gives the tree its final name. It counts as complete from the renaming on.</summary>
    /// <param name="final">What is known of it now; folder and completeness are set here.</param>
    public VersionRecord Complete(VersionRecord partial, VersionRecord final)
    {
        final = final with { Folder = final.Incomplete ? VersionName.Incomplete(partial.Name) : partial.Name, Complete = true };
        if (Inode(final.Folder) is not null)
        {
            throw new IOException($"{LogText.Escape(PathOf(final.Folder))} already exists: move it away");
        }

        Write(final);
        _folder.Rename(Encoding.ASCII.GetBytes(partial.Folder), Encoding.ASCII.GetBytes(final.Folder));
        _folder.Flush();
        Forget(partial);
        return final;
    }

    /// <summary>Somebody said that its size is right.</summary>
    public void Accept(VersionRecord shrunken) => Write(shrunken with { Shrunken = false });

    /// <summary>The tree becomes another policy's.</summary>
    public void Adopt(VersionRecord tree, string policy) => Write(tree with { Policy = policy });

    /// <summary>Whether the folder is still the one of the record, right before it is removed.</summary>
    public bool IsStill(VersionRecord record) =>
        VersionName.IsFolder(record.Folder) && Inode(record.Folder) == record.Inode;

    /// <summary>Whether nothing of that name is left.</summary>
    public bool IsGone(VersionRecord record) => Inode(record.Folder) is null;

    /// <summary>Drops the record of a tree that is gone.</summary>
    public void Forget(VersionRecord record)
    {
        using var index = Index();
        index?.RemoveFile(Encoding.ASCII.GetBytes(FileOf(record.Folder)));
    }

    private ulong? Inode(string folder) => _folder.FolderInode(Encoding.ASCII.GetBytes(folder));

    private static string FileOf(string folder) => $"{folder}.json";

    /// <summary>
    /// The folder of the records, held open: whoever owns the destination may exchange it with a link at any time. Null if there is none.
    /// </summary>
    /// <exception cref="IOException">Something else has its name.</exception>
    private OpenPath? Index()
    {
        var index = _folder.Below(Encoding.ASCII.GetBytes(IndexFolder), out var failure, out var message);
        if (index is { IsFolder: true } || failure == OpenFailure.Missing)
        {
            return index;
        }

        index?.Dispose();
        var why = failure switch
        {
            OpenFailure.Link => "is a symbolic link, which is not followed",
            OpenFailure.None => "is not a folder",
            _ => $"cannot be opened: {message}",
        };
        throw new IOException($"{IndexFolder} in {LogText.Escape(Destination)} {why}");
    }

    private static VersionRecord? Read(OpenPath index, string file)
    {
        try
        {
            var record = index.ReadFile(Encoding.UTF8.GetBytes(file), MaxRecordBytes) is { } content
                ? JsonSerializer.Deserialize(content, VersionRecordJson.Default.VersionRecord)
                : null;
            return record is not null && VersionName.IsFolder(record.Folder) && VersionName.IsFolder(record.Name) ? record : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private void Write(VersionRecord record)
    {
        using var index = Index() ?? throw new IOException($"{IndexFolder} in {LogText.Escape(Destination)} was removed");
        index.WriteFile(FileOf(record.Folder), JsonSerializer.SerializeToUtf8Bytes(record, VersionRecordJson.Default.VersionRecord));
    }
}
