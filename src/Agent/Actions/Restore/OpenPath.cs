using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Fleet.Agent.Actions.Restore;

/// <summary>
/// Something in a file system that is held open, so that it stays what was checked whatever happens to its name meanwhile. Other processes
/// reach it as <see cref="ProcPath"/>. Every call may take as long as the disk does.
/// </summary>
internal sealed unsafe partial class OpenPath : IDisposable
{
    private const int CurrentFolder = -100; // AT_FDCWD
    private const nint OpenAt2 = 437; // the same number on every architecture
    private const int NoEntry = 2, Exists = 17, CrossDevice = 18, NoFolder = 20, Invalid = 22, Loop = 40;
    private const ulong PathOnly = 0x200000, CloseOnExec = 0x80000; // O_PATH, O_CLOEXEC
    private const ulong NoOtherMount = 1, NoMagicLinks = 2, NoSymbolicLinks = 4, Beneath = 8; // RESOLVE_*
    private const uint NoReplace = 1; // RENAME_NOREPLACE
    private const int EmptyPath = 0x1000; // AT_EMPTY_PATH

    // O_DIRECTORY and O_NOFOLLOW differ between architectures: fcntl.h.
    private static readonly ulong OnlyFolder = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 0x10000UL : 0x4000UL;
    private static readonly ulong NoFollow = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 0x20000UL : 0x8000UL;
    private int _descriptor;

    private OpenPath(int descriptor)
    {
        _descriptor = descriptor;
        var facts = stackalloc byte[256];
        byte nothing = 0;
        if (statx(descriptor, &nothing, EmptyPath, 0x101, facts) != 0)
        {
            Dispose();
            throw Error("statx", []);
        }

        // struct statx has one layout on all architectures: mode at 28, inode at 32.
        IsFolder = (BinaryPrimitives.ReadUInt16LittleEndian(new ReadOnlySpan<byte>(facts + 28, 2)) & 0xF000) == 0x4000;
        Inode = BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(facts + 32, 8));
    }

    public bool IsFolder { get; }

    public ulong Inode { get; }

    /// <summary>For processes that the agent starts. Of a folder, with what follows a slash.</summary>
    public string ProcPath => $"/proc/{Environment.ProcessId}/fd/{_descriptor}";

    /// <summary>A folder. No part of the path may be a symbolic link.</summary>
    /// <param name="path">Absolute.</param>
    /// <exception cref="IOException"/>
    public static OpenPath Folder(ReadOnlySpan<byte> path)
    {
        // Not O_PATH: opening it is what makes automount(8) and .zfs/snapshot mount it.
        var descriptor = Open(CurrentFolder, path, new How { Flags = OnlyFolder | CloseOnExec, Resolve = NoSymbolicLinks | NoMagicLinks });
        return descriptor >= 0 ? new OpenPath(descriptor) : throw Error("open", path);
    }

    /// <summary>What a path inside this folder names; a link as such, and only as its last part. Null: there is nothing.</summary>
    /// <param name="path">Relative; empty: this folder.</param>
    /// <param name="sameMount">No part of it may be a mount point.</param>
    /// <exception cref="IOException">A part of it is a symbolic link, or a mount point.</exception>
    public OpenPath? Find(ReadOnlySpan<byte> path, bool sameMount = true)
    {
        var resolve = Beneath | NoSymbolicLinks | NoMagicLinks | (sameMount ? NoOtherMount : 0);
        var descriptor = Open(_descriptor, path.IsEmpty ? "."u8 : path, new How { Flags = PathOnly | NoFollow | CloseOnExec, Resolve = resolve });
        if (descriptor >= 0)
        {
            return new OpenPath(descriptor);
        }

        return Marshal.GetLastPInvokeError() switch
        {
            NoEntry or NoFolder => null,
            Loop => throw new IOException($"a part of {Tools.LogText.Escape(path)} is a symbolic link, which is not followed"),
            CrossDevice => throw new IOException($"{Tools.LogText.Escape(path)} leads to another file system"),
            _ => throw Error("open", path),
        };
    }

    /// <summary>The mount that it lies on: <see cref="Mounts.Mount.Id"/>.</summary>
    /// <exception cref="IOException">/proc does not say.</exception>
    public int MountId()
    {
        const string Field = "mnt_id:";
        var line = Array.Find(File.ReadAllLines($"/proc/self/fdinfo/{_descriptor}"), l => l.StartsWith(Field, StringComparison.Ordinal));
        return int.TryParse(line?[Field.Length..], out var id) ? id : throw new IOException("/proc/self/fdinfo does not say the mount of a folder");
    }

    /// <summary>Gives what lies in this folder another name in it. Never replaces anything but, on file systems that know no better, an empty folder.</summary>
    /// <exception cref="IOException">The new name is there already, for example.</exception>
    public void Rename(ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        fixed (byte* a = Terminated(from), b = Terminated(to))
        {
            if (renameat2(_descriptor, a, _descriptor, b, NoReplace) == 0)
            {
                return;
            }

            if (Marshal.GetLastPInvokeError() != Invalid)
            {
                throw Error("rename", to);
            }

            // ZFS before 2.2, for example. A hard link never replaces anything; folders have none, and only an empty one could be replaced.
            if (linkat(_descriptor, a, _descriptor, b, 0) == 0)
            {
                _ = unlinkat(_descriptor, a, 0);
                return;
            }

            if (Marshal.GetLastPInvokeError() == Exists || renameat2(_descriptor, a, _descriptor, b, 0) != 0)
            {
                throw Error("rename", to);
            }
        }
    }

    public void Dispose()
    {
        var descriptor = Interlocked.Exchange(ref _descriptor, -1);
        if (descriptor >= 0)
        {
            _ = close(descriptor);
        }
    }

    private static int Open(int folder, ReadOnlySpan<byte> path, How how)
    {
        fixed (byte* p = Terminated(path))
        {
            return (int)syscall(OpenAt2, folder, p, &how, sizeof(How));
        }
    }

    private static byte[] Terminated(ReadOnlySpan<byte> path) => [.. path, 0];

    private static IOException Error(string call, ReadOnlySpan<byte> path) => new($"{call} {Tools.LogText.Escape(path)}: {Marshal.GetLastPInvokeErrorMessage()}");

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint folder, byte* path, How* how, nint size);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int close(int descriptor);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int statx(int folder, byte* path, int flags, uint mask, byte* buffer);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int renameat2(int fromFolder, byte* from, int toFolder, byte* to, uint flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int linkat(int fromFolder, byte* from, int toFolder, byte* to, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int unlinkat(int folder, byte* path, int flags);

    /// <summary>struct open_how of openat2(2).</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct How
    {
        public ulong Flags;
        public ulong Mode;
        public ulong Resolve;
    }
}
