using System.Runtime.InteropServices;
using Mono.Unix.Native;
using static Fleet.Agent.Native.NativeMethods;

namespace Fleet.Agent.Files;

/// <summary>
/// Something in a file system that is held open, so that it stays what was checked even if its name is changed. Other processes
/// reach it as <see cref="ProcPath"/>. Every call may take as long as the disk does.
/// </summary>
internal sealed unsafe class OpenPath : IDisposable
{
    private const int NoOtherMount = 1, NoMagicLinks = 2, NoSymbolicLinks = 4, BeneathOnly = 8; // RESOLVE_*
    private const int NoEntry = 2, Exists = 17, CrossDevice = 18, NoFolder = 20, Invalid = 22, NoSystemCall = 38, Loop = 40;
    private const uint NoReplace = 1; // RENAME_NOREPLACE
    private const int RemoveDirectory = 0x200; // AT_REMOVEDIR

    /// <summary>Why nothing is opened on a host that is not <see cref="IsOffered"/>.</summary>
    public const string NotOffered =
        "this kernel does not offer openat2(2), without which a checked path cannot be kept open: Linux 5.6 or newer is needed, not an "
            + "emulation that lacks the call";

    private int _descriptor;

    private OpenPath(int descriptor)
    {
        _descriptor = descriptor;
        if (Syscall.fstat(descriptor, out var facts) != 0)
        {
            Dispose();
            throw Error("fstat", []);
        }

        var type = facts.st_mode & FilePermissions.S_IFMT;
        (IsFolder, IsFile) = (type == FilePermissions.S_IFDIR, type == FilePermissions.S_IFREG);
        (Owner, Inode) = (facts.st_uid, facts.st_ino);
    }

    /// <summary>The kernel can open paths without following links.</summary>
    public static bool IsOffered
    {
        get
        {
            var descriptor = Open(CurrentFolder, "/"u8, PathOnly, NoSymbolicLinks);
            if (descriptor < 0)
            {
                return Marshal.GetLastPInvokeError() != NoSystemCall;
            }

            _ = Syscall.close(descriptor);
            return true;
        }
    }

    public bool IsFolder { get; }

    /// <summary>A regular file: no link, device or pipe.</summary>
    public bool IsFile { get; }

    public ulong Inode { get; }

    /// <summary>User id, when it was opened.</summary>
    public uint Owner { get; }

    /// <summary>Stays this object's.</summary>
    public int Descriptor => _descriptor;

    /// <summary>For processes that the agent starts. Of a folder, with what follows a slash.</summary>
    public string ProcPath => $"/proc/{Environment.ProcessId}/fd/{_descriptor}";

    /// <summary>The name that leads here now, without links. Null if none does.</summary>
    public byte[]? CurrentPath()
    {
        var path = FileFacts.LinkTarget(System.Text.Encoding.ASCII.GetBytes($"/proc/self/fd/{_descriptor}"));
        return path is [(byte)'/', ..] && !path.AsSpan().EndsWith(" (deleted)"u8) ? path : null;
    }

    /// <summary>A folder. No part of the path may be a symbolic link.</summary>
    /// <param name="path">Absolute.</param>
    /// <exception cref="IOException"/>
    public static OpenPath Folder(ReadOnlySpan<byte> path)
    {
        // Not O_PATH: opening it is what makes automount(8) and .zfs/snapshot mount it.
        var descriptor = Open(CurrentFolder, path, OnlyFolder, NoSymbolicLinks | NoMagicLinks);
        return descriptor >= 0 ? new OpenPath(descriptor) : throw Error("open", path);
    }

    /// <summary>What a path inside this folder names; a link as such, and only as its last part. Null if there is nothing.</summary>
    /// <param name="path">Relative; empty for this folder.</param>
    /// <param name="sameMount">No part of it may be a mount point.</param>
    /// <exception cref="IOException">A part of it is a symbolic link, or a mount point.</exception>
    public OpenPath? Find(ReadOnlySpan<byte> path, bool sameMount = true)
    {
        var resolve = BeneathOnly | NoSymbolicLinks | NoMagicLinks | (sameMount ? NoOtherMount : 0);
        var descriptor = Open(_descriptor, path.IsEmpty ? "."u8 : path, PathOnly | NoFollow, resolve);
        if (descriptor >= 0)
        {
            return new OpenPath(descriptor);
        }

        return Marshal.GetLastPInvokeError() switch
        {
            NoEntry or NoFolder => null,
            Loop => throw new IOException($"a part of {Logging.LogText.Escape(path)} is a symbolic link, which is not followed"),
            CrossDevice => throw new IOException($"{Logging.LogText.Escape(path)} leads to another file system"),
            _ => throw Error("open", path),
        };
    }

    /// <summary>
    /// The folder or file that a path below this folder names. No part of it may be a link, other file systems are entered, and what is an
    /// automount point gets mounted.
    /// </summary>
    /// <param name="path">Relative; empty for this folder.</param>
    /// <param name="failure">Why there is none.</param>
    /// <param name="message">Of other failures: the system's words, safe to show.</param>
    public OpenPath? Below(ReadOnlySpan<byte> path, out OpenFailure failure, out string message)
    {
        (failure, message) = (OpenFailure.None, "");
        path = path.IsEmpty ? "."u8 : path;
        const int Resolve = BeneathOnly | NoSymbolicLinks | NoMagicLinks;
        var descriptor = Open(_descriptor, path, OnlyFolder | NoFollow, Resolve);
        if (descriptor < 0 && Marshal.GetLastPInvokeError() == NoFolder)
        {
            // Opening a device or a pipe could do something: a file is only held.
            descriptor = Open(_descriptor, path, PathOnly | NoFollow, Resolve);
            if (descriptor >= 0 && IsLink(descriptor))
            {
                _ = Syscall.close(descriptor);
                failure = OpenFailure.Link;
                return null;
            }
        }

        if (descriptor >= 0)
        {
            return new OpenPath(descriptor);
        }

        var error = Marshal.GetLastPInvokeError();
        failure = error switch { NoEntry or NoFolder => OpenFailure.Missing, Loop => OpenFailure.Link, _ => OpenFailure.Other };
        message = Words(error);
        return null;
    }

    /// <summary>Makes a folder in this one. One of that name that already exists is fine.</summary>
    /// <param name="name">One part.</param>
    /// <exception cref="IOException"/>
    public void MakeFolder(ReadOnlySpan<byte> name, uint mode)
    {
        if (!TryMakeFolder(name, mode) && FolderInode(name) is null)
        {
            throw new IOException($"{Logging.LogText.Escape(name)} already exists and is not a folder");
        }
    }

    /// <summary>False if something of that name is there already.</summary>
    /// <exception cref="IOException"/>
    public bool TryMakeFolder(ReadOnlySpan<byte> name, uint mode)
    {
        fixed (byte* p = Terminated(name))
        {
            return mkdirat(_descriptor, p, mode) == 0 || (Marshal.GetLastPInvokeError() == Exists ? false : throw Error("mkdir", name));
        }
    }

    /// <summary>Removes an empty folder.</summary>
    /// <exception cref="IOException"/>
    public void RemoveFolder(ReadOnlySpan<byte> name)
    {
        fixed (byte* p = Terminated(name))
        {
            if (unlinkat(_descriptor, p, RemoveDirectory) != 0)
            {
                throw Error("rmdir", name);
            }
        }
    }

    /// <summary>
    /// Inode of a folder in this one; null if there is none of that name, or it is something else. Symbolic links are not followed.
    /// </summary>
    /// <param name="name">One part.</param>
    /// <exception cref="IOException"/>
    public ulong? FolderInode(ReadOnlySpan<byte> name)
    {
        using var found = Find(name, sameMount: false);
        return found is { IsFolder: true } ? found.Inode : null;
    }

    /// <summary>
    /// Content of a regular file in this folder; null if there is none of that name, or it is longer, or something else. Links are not
    /// followed.
    /// </summary>
    /// <param name="path">Relative.</param>
    /// <exception cref="IOException"/>
    /// <exception cref="UnauthorizedAccessException"/>
    public byte[]? ReadFile(ReadOnlySpan<byte> path, int maxBytes)
    {
        using var found = Below(path, out var failure, out var message);
        if (found is null && failure == OpenFailure.Other)
        {
            throw new IOException($"{Logging.LogText.Escape(path)} cannot be opened: {message}");
        }

        if (found is not { IsFile: true })
        {
            return null;
        }

        // What is opened again is what was found, whatever its name leads to now.
        using var file = File.OpenHandle(found.ProcPath, share: FileShare.ReadWrite | FileShare.Delete);
        var content = new byte[maxBytes + 1];
        var length = RandomAccess.Read(file, content, 0);
        return length > maxBytes ? null : content[..length];
    }

    /// <summary>Puts a file into this folder, whole and on disk, in the place of one or of a link of that name.</summary>
    /// <param name="name">One part.</param>
    /// <exception cref="IOException"/>
    /// <exception cref="UnauthorizedAccessException"/>
    public void WriteFile(string name, ReadOnlySpan<byte> content)
    {
        var temporary = $"{ProcPath}/{name}.{Guid.NewGuid():N}";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                stream.Write(content);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, $"{ProcPath}/{name}", overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            File.Delete(temporary);
            throw;
        }

        Flush();
    }

    /// <summary>Removes a file, or a link, from this folder. None of that name is fine.</summary>
    /// <param name="name">One part.</param>
    /// <exception cref="IOException"/>
    public void RemoveFile(ReadOnlySpan<byte> name)
    {
        fixed (byte* p = Terminated(name))
        {
            if (unlinkat(_descriptor, p, 0) != 0 && Marshal.GetLastPInvokeError() != NoEntry)
            {
                throw Error("unlink", name);
            }
        }
    }

    /// <summary>The mount that it lies on: <see cref="Host.Mount.Id"/>.</summary>
    /// <exception cref="IOException">/proc does not say.</exception>
    public int MountId()
    {
        const string Field = "mnt_id:";
        var line = Array.Find(File.ReadAllLines($"/proc/self/fdinfo/{_descriptor}"), l => l.StartsWith(Field, StringComparison.Ordinal));
        return int.TryParse(line?[Field.Length..], out var id)
            ? id
            : throw new IOException("/proc/self/fdinfo does not name the mount of a folder");
    }

    /// <summary>
    /// Gives what lies in this folder another name in it. Never replaces anything but, on file systems that know no better, an empty
    /// folder.
    /// </summary>
    /// <exception cref="IOException">The new name is there already, for example.</exception>
    public void Rename(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to) => Rename(from, this, to);

    /// <summary>As <see cref="Rename(ReadOnlySpan{byte}, ReadOnlySpan{byte})"/>, into another folder of the same file system.</summary>
    /// <exception cref="IOException"/>
    public void Rename(ReadOnlySpan<byte> from, OpenPath folder, ReadOnlySpan<byte> to)
    {
        fixed (byte* a = Terminated(from), b = Terminated(to))
        {
            if (renameat2(_descriptor, a, folder._descriptor, b, NoReplace) == 0)
            {
                return;
            }

            if (Marshal.GetLastPInvokeError() != Invalid)
            {
                throw Error("rename", to);
            }

            // ZFS before 2.2, for example. A hard link never replaces anything; folders have none, and only an empty one could be replaced.
            if (linkat(_descriptor, a, folder._descriptor, b, 0) == 0)
            {
                _ = unlinkat(_descriptor, a, 0);
                return;
            }

            if (Marshal.GetLastPInvokeError() == Exists || renameat2(_descriptor, a, folder._descriptor, b, 0) != 0)
            {
                throw Error("rename", to);
            }
        }
    }

    /// <summary>Makes renames and new names in this folder durable.</summary>
    /// <exception cref="IOException"/>
    public void Flush()
    {
        // A file system that cannot sync folders needs no sync of them.
        if (Syscall.fsync(_descriptor) != 0 && Marshal.GetLastPInvokeError() != Invalid)
        {
            throw Error("fsync of a folder", []);
        }
    }

    public void Dispose()
    {
        var descriptor = Interlocked.Exchange(ref _descriptor, -1);
        if (descriptor >= 0)
        {
            _ = Syscall.close(descriptor);
        }
    }

    private static bool IsLink(int descriptor) =>
        Syscall.fstat(descriptor, out var facts) == 0 && (facts.st_mode & FilePermissions.S_IFMT) == FilePermissions.S_IFLNK;

    private static IOException Error(string call, ReadOnlySpan<byte> path) =>
        new($"{call}{(path.IsEmpty ? "" : " ")}{Logging.LogText.Escape(path)}: {Words(Marshal.GetLastPInvokeError())}");

    private static string Words(int error) => error == NoSystemCall ? NotOffered : Marshal.GetPInvokeErrorMessage(error);
}
