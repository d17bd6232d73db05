using System.Runtime.InteropServices;
using static Fleet.Agent.Native.NativeMethods;

namespace Fleet.Agent.Tools.Confinement;

/// <summary>
/// The system calls for mounts and namespaces: open_tree(2), move_mount(2), mount_setattr(2), fsopen(2), pivot_root(2), setns(2) and their
/// kin. All go through one entry of libc, so that nothing has to be loaded while the caller's root is another one. Each gives -1 and sets
/// errno when it fails.
/// </summary>
internal static unsafe class MountCalls
{
    public const long NewMountNamespace = 0x20000; // CLONE_NEWNS
    public const uint Slave = 0x80000, Private = 0x40000; // MS_SLAVE, MS_PRIVATE
    public const ulong ReadOnly = 1, NoSetUserId = 2, NoDevices = 4; // MOUNT_ATTR_*
    private const int OpenTreeCall = 428, MoveMountCall = 429, FsOpenCall = 430, FsConfigCall = 431, FsMountCall = 432,
    MountSetAttrCall = 442;
    private const long EmptyPath = 0x1000, Recursive = 0x8000, TreeClone = 1;

    private static readonly bool Arm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    /// <summary>A copy of a mount, with what is mounted in it, that belongs to no namespace yet.</summary>
    public static int CloneTree(int descriptor) => Clone(descriptor, ""u8, EmptyPath | Recursive);

    /// <inheritdoc cref="CloneTree(int)"/>
    public static int CloneTree(ReadOnlySpan<byte> path, bool recursive) => Clone(CurrentFolder, path, recursive ? Recursive : 0);

    public static int SetAttributes(int mount, ulong set, ulong propagation, bool recursive)
    {
        var attributes = stackalloc ulong[4] { set, 0, propagation, 0 }; // struct mount_attr
        byte nothing = 0;
        return (int)syscall(
            MountSetAttrCall, mount, (nint)(&nothing), (nint)(EmptyPath | (recursive ? Recursive : 0)), (nint)attributes, 32);
    }

    /// <summary>Attaches a mount at what is open.</summary>
    public static int Attach(int mount, int target)
    {
        const nint FromEmptyPath = 4, ToEmptyPath = 0x40;
        byte nothing = 0;
        return (int)syscall(MoveMountCall, mount, (nint)(&nothing), target, (nint)(&nothing), FromEmptyPath | ToEmptyPath);
    }

    /// <summary>A new tmpfs that belongs to no namespace yet.</summary>
    public static int NewMemory()
    {
        const nint Create = 6, CloseOnExecFlag = 1;
        fixed (byte* type = "tmpfs\0"u8)
        {
            var context = (int)syscall(FsOpenCall, (nint)type, CloseOnExecFlag, 0, 0, 0);
            if (context < 0)
            {
                return -1;
            }

            var mount = syscall(FsConfigCall, context, Create, 0, 0, 0) < 0
                ? -1
                : (int)syscall(FsMountCall, context, CloseOnExecFlag, (nint)(NoSetUserId | NoDevices), 0, 0);
            var error = Marshal.GetLastPInvokeError();
            Close(context);
            Marshal.SetLastPInvokeError(error);
            return mount;
        }
    }

    /// <summary>Opens without following links, with another root for the path.</summary>
    public static int OpenBelow(int root, ReadOnlySpan<byte> path)
    {
        const int InRoot = 0x10, NoLinks = 4, NoMagicLinks = 2;
        return Open(root, path, PathOnly, InRoot | NoLinks | NoMagicLinks);
    }

    public static int MakeFolder(int folder, ReadOnlySpan<byte> name)
    {
        fixed (byte* p = Terminated(name))
        {
            return (int)syscall(Arm ? 34 : 258, folder, (nint)p, 0x1ED, 0, 0); // 0755
        }
    }

    public static int MakeLink(ReadOnlySpan<byte> target, int folder, ReadOnlySpan<byte> name)
    {
        fixed (byte* t = Terminated(target), p = Terminated(name))
        {
            return (int)syscall(Arm ? 36 : 266, (nint)t, folder, (nint)p, 0, 0);
        }
    }

    public static int MakeFile(int folder, ReadOnlySpan<byte> name)
    {
        fixed (byte* p = Terminated(name))
        {
            return (int)syscall(Arm ? 33 : 259, folder, (nint)p, 0x8000 | 0x124, 0, 0); // mknodat, S_IFREG 0444
        }
    }

    public static int Unshare() => (int)syscall(Arm ? 97 : 272, (nint)NewMountNamespace, 0, 0, 0, 0);

    public static int Enter(int mountNamespace) => (int)syscall(Arm ? 268 : 308, mountNamespace, (nint)NewMountNamespace, 0, 0, 0);

    /// <summary>What is mounted here from now on stays here.</summary>
    public static int MakeAllPrivate()
    {
        const nint RecursivePrivate = 0x4000 | (nint)Private;
        fixed (byte* root = "/\0"u8, none = "none\0"u8)
        {
            return (int)syscall(Arm ? 40 : 165, (nint)none, (nint)root, 0, RecursivePrivate, 0);
        }
    }

    /// <summary>The current folder becomes the root; what was it is no longer mounted here.</summary>
    public static int PivotToCurrentFolder()
    {
        const nint Detach = 2;
        fixed (byte* here = ".\0"u8, root = "/\0"u8)
        {
            return syscall(Arm ? 41 : 155, (nint)here, (nint)here, 0, 0, 0) < 0 || syscall(Arm ? 39 : 166, (nint)here, Detach, 0, 0, 0) < 0
                ? -1
                : (int)syscall(Arm ? 49 : 80, (nint)root, 0, 0, 0, 0);
        }
    }

    public static int GoTo(int folder) => (int)syscall(Arm ? 50 : 81, folder, 0, 0, 0, 0);

    /// <summary>chroot(2) to the current folder.</summary>
    public static int RootHere()
    {
        fixed (byte* here = ".\0"u8)
        {
            return (int)syscall(Arm ? 51 : 161, (nint)here, 0, 0, 0, 0);
        }
    }

    public static void Close(int descriptor)
    {
        if (descriptor >= 0)
        {
            _ = syscall(Arm ? 57 : 3, descriptor, 0, 0, 0, 0);
        }
    }

    private static int Clone(int folder, ReadOnlySpan<byte> path, long flags)
    {
        fixed (byte* p = Terminated(path))
        {
            return (int)syscall(OpenTreeCall, folder, (nint)p, (nint)(flags | TreeClone | CloseOnExec), 0, 0);
        }
    }
}
