using System.Runtime.InteropServices;
using System.Text;
using Fleet.Agent.Files;
using Fleet.Agent.Logging;
using Fleet.Agent.Native;

namespace Fleet.Agent.Tools.Confinement;

/// <summary>
/// A mount namespace with a root of its own, for one tool. The calling thread enters it, starts the tool, and comes back: the namespace
/// lives as long as the tool does. Only for a thread that does nothing else: from then on it shares neither root nor current folder with
/// the others.
/// </summary>
internal sealed class PrivateRoot : IDisposable
{
    /// <summary>
    /// What rsync gets as its remote shell in front of ssh's own words: leaves the namespace, so that rsync itself sees no key.
    /// </summary>
    public const string RemoteShell = "/usr/bin/nsenter --mount=/.fleet/ns/mnt --";

    private const int Permitted = 1, NoEntry = 2, NoFolder = 20, NoSystemCall = 38, InvalidArgument = 22;

    /// <summary>Programs and libraries.</summary>
    private static readonly byte[][] SystemFolders = [
        "/usr"u8.ToArray(), "/bin"u8.ToArray(), "/sbin"u8.ToArray(), "/lib"u8.ToArray(), "/lib64"u8.ToArray(), "/lib32"u8.ToArray()];

    /// <summary>Devices, and what libc reads to find libraries, users and hosts.</summary>
    private static readonly byte[][] SystemEntries =
    [
        "/dev/null"u8.ToArray(), "/dev/zero"u8.ToArray(), "/dev/full"u8.ToArray(), "/dev/random"u8.ToArray(), "/dev/urandom"u8.ToArray(),
        "/etc/ld.so.cache"u8.ToArray(), "/etc/ld.so.conf"u8.ToArray(), "/etc/ld.so.conf.d"u8.ToArray(), "/etc/passwd"u8.ToArray(),
        "/etc/group"u8.ToArray(),
        "/etc/nsswitch.conf"u8.ToArray(), "/etc/hosts"u8.ToArray(), "/etc/host.conf"u8.ToArray(), "/etc/resolv.conf"u8.ToArray(),
        "/etc/gai.conf"u8.ToArray(),
        "/etc/services"u8.ToArray(), "/etc/protocols"u8.ToArray(), "/etc/localtime"u8.ToArray(),
        "/run/nscd"u8.ToArray(), "/run/systemd/userdb"u8.ToArray(), "/run/systemd/resolve"u8.ToArray(), "/var/lib/sss/pipes"u8.ToArray(),
        "/var/lib/sss/mc"u8.ToArray(),
    ];

    private readonly List<(byte[] Path, int Mount)> _mounts = [];
    private readonly List<int> _open = [];
    private readonly ToolConfinement _confinement;
    private int _root = -1, _spare = -1;

    private PrivateRoot(ToolConfinement confinement) => _confinement = confinement;

    private bool WholeHost => _confinement.Trees.Any(t => t.Path.Length == 1);

    /// <summary>Starts a tool in such a namespace.</summary>
    /// <param name="program">Absolute path of the tool, which the namespace must hold.</param>
    /// <param name="start">Called while the thread is in it.</param>
    /// <returns>Why there is no such namespace, safe to show; null if <paramref name="start"/> was called.</returns>
    /// <exception cref="InvalidOperationException">The thread cannot come back, and must end.</exception>
    public static string? Start(ToolConfinement confinement, string program, Action start)
    {
        using var root = new PrivateRoot(confinement);
        return root.Prepare(program) ?? root.Run(start);
    }

    public void Dispose()
    {
        _mounts.ForEach(m => MountCalls.Close(m.Mount));
        _open.ForEach(MountCalls.Close);
    }

    /// <summary>Copies the mounts, as long as the thread is where they are: mounts of another namespace cannot be copied.</summary>
    private string? Prepare(string program)
    {
        foreach (var tree in _confinement.Trees.OrderBy(t => t.Path.Length))
        {
            // Slaves: what the host mounts or unmounts is seen here, too, and nothing the other way.
            var mount = MountCalls.CloneTree(tree.Opened.Descriptor);
            if (mount < 0
                || MountCalls.SetAttributes(Keep(tree.Path, mount), tree.Writable ? 0 : MountCalls.ReadOnly, MountCalls.Slave,
                    recursive: true) < 0)
            {
                return Problem(mount < 0 ? "open_tree" : "mount_setattr", tree.Path);
            }
        }

        if (!WholeHost)
        {
            foreach (var path in SystemFolders.Concat(SystemEntries).Append(Encoding.UTF8.GetBytes(program)))
            {
                if (FileFacts.LinkTarget(path) is not null && path.AsSpan().LastIndexOf((byte)'/') == 0)
                {
                    continue; // Such as /bin: made as the link that it is.
                }

                if (_confinement.Trees.Any(t => FileFacts.IsWithin(path, t.Path))
                    || (path.Length > 5 && FileFacts.IsWithin(path, "/usr"u8)))
                {
                    continue;
                }

                var mount = MountCalls.CloneTree(path, recursive: true);
                if (mount >= 0
                    && MountCalls.SetAttributes(Keep(path, mount), MountCalls.ReadOnly | MountCalls.NoSetUserId, MountCalls.Private,
                        recursive: true) < 0)
                {
                    return Problem("mount_setattr", path);
                }
            }
        }

        if (_confinement.StartsRemoteShell)
        {
            var mount = MountCalls.CloneTree(Encoding.ASCII.GetBytes($"/proc/{Environment.ProcessId}/ns"), recursive: false);
            if (mount < 0)
            {
                return Problem("open_tree", "/proc/self/ns"u8);
            }

            Keep("/.fleet/ns"u8.ToArray(), mount);
        }

        _mounts.Sort((a, b) => a.Path.Length.CompareTo(b.Path.Length));
        return null;
    }

    private string? Run(Action start)
    {
        int home = Hold(NativeMethods.Open("/proc/thread-self/ns/mnt"u8, 0)),
        root = Hold(NativeMethods.Open("/"u8, NativeMethods.PathOnly)), current = Hold(NativeMethods.Open("."u8, NativeMethods.PathOnly));
        var links = SystemFolders.Select(f => (Name: f[1..], Target: FileFacts.LinkTarget(f))).Where(f => f.Target is not null).ToList();
        if (home < 0 || root < 0 || current < 0)
        {
            return Problem("open", "/proc/thread-self/ns/mnt"u8);
        }

        if (MountCalls.Unshare() < 0)
        {
            return Problem("unshare", []);
        }

        string? problem;
        bool isBack;
        try
        {
            problem = Build(links);
            if (problem is null)
            {
                start();
            }
        }
        finally
        {
            isBack = MountCalls.Enter(home) >= 0;
            _ = isBack && MountCalls.GoTo(root) == 0 && MountCalls.RootHere() == 0;
            _ = MountCalls.GoTo(current);
        }

        return isBack ? problem : throw new InvalidOperationException("a thread cannot come back from a tool's mount namespace");
    }

    private string? Build(IReadOnlyList<(byte[] Name, byte[]? Target)> links)
    {
        if (MountCalls.MakeAllPrivate() < 0)
        {
            return Problem("mount", "/"u8);
        }

        _root = WholeHost ? _mounts[0].Mount : Hold(MountCalls.NewMemory());
        var slash = Hold(NativeMethods.Open("/"u8, NativeMethods.PathOnly));
        if (_root < 0 || MountCalls.Attach(_root, slash) < 0)
        {
            return Problem("mount", "/"u8);
        }

        foreach (var (name, target) in WholeHost ? [] : links)
        {
            _ = MountCalls.MakeLink(target, _root, name);
        }

        foreach (var (path, mount) in _mounts.Where(m => m.Mount != _root))
        {
            if (Target(path, mount) is not (>= 0 and var target) || MountCalls.Attach(mount, target) < 0)
            {
                return Problem("mount", path);
            }
        }

        if (Hide() is { } problem)
        {
            return problem;
        }

        if (!WholeHost && MountCalls.SetAttributes(_root, MountCalls.ReadOnly, 0, recursive: false) < 0)
        {
            return Problem("mount_setattr", "/"u8);
        }

        return MountCalls.GoTo(_root) < 0 || MountCalls.PivotToCurrentFolder() < 0 ? Problem("pivot_root", []) : null;
    }

    /// <summary>Empty folders and files in front of what must not be seen.</summary>
    private string? Hide()
    {
        // Of a whole host, /proc shows what is hidden by other names.
        foreach (var path in WholeHost ? _confinement.Hidden.Prepend("/proc"u8.ToArray()) : _confinement.Hidden)
        {
            var target = Hold(MountCalls.OpenBelow(_root, path));
            if (target < 0)
            {
                if (Marshal.GetLastPInvokeError() is NoEntry or NoFolder)
                {
                    // There is nothing to hide.
                    continue;
                }

                return Problem("open", path);
            }

            var isFolder = MountCalls.OpenBelow(target, "."u8) is var again && again >= 0;
            MountCalls.Close(again);
            var empty = isFolder ? Hold(MountCalls.NewMemory()) : Hold(EmptyFile());
            if (empty < 0
                || MountCalls.SetAttributes(empty, MountCalls.ReadOnly, 0, recursive: false) < 0
                || MountCalls.Attach(empty, target) < 0)
            {
                return Problem("mount", path);
            }
        }

        return null;
    }

    /// <summary>A mount of an empty file: of a tmpfs that is attached at /proc, or at /.fleet/empty, and holds nothing else.</summary>
    private int EmptyFile()
    {
        if (_spare < 0)
        {
            _spare = Hold(MountCalls.NewMemory());
            var at = WholeHost ? Hold(MountCalls.OpenBelow(_root, "/proc"u8)) : Target("/.fleet/empty"u8.ToArray(), _spare);
            if (_spare < 0 || at < 0 || MountCalls.Attach(_spare, at) < 0 || MountCalls.MakeFile(_spare, "file"u8) < 0)
            {
                return -1;
            }
        }

        var file = Hold(MountCalls.OpenBelow(_spare, "file"u8));
        return file < 0 ? -1 : MountCalls.CloneTree(file);
    }

    /// <summary>Where a mount goes, made if there is nothing yet. -1: it cannot be made.</summary>
    private int Target(byte[] path, int mount)
    {
        if (Hold(MountCalls.OpenBelow(_root, path)) is >= 0 and var there)
        {
            return there;
        }

        var isFolder = MountCalls.OpenBelow(mount, "."u8) is var again && again >= 0;
        MountCalls.Close(again);
        var folder = _root;
        for (var at = 1; at <= path.Length;)
        {
            var end = path.AsSpan(at).IndexOf((byte)'/') is >= 0 and var slash ? at + slash : path.Length;
            var name = path.AsSpan(at, end - at);
            var last = end == path.Length;
            var next = Hold(MountCalls.OpenBelow(folder, name));
            if (next < 0)
            {
                _ = last && !isFolder ? MountCalls.MakeFile(folder, name) : MountCalls.MakeFolder(folder, name);
                next = Hold(MountCalls.OpenBelow(folder, name));
            }

            if (next < 0)
            {
                return -1;
            }

            (folder, at) = (next, end + 1);
        }

        return folder;
    }

    private int Keep(byte[] path, int mount)
    {
        _mounts.Add((path, mount));
        return mount;
    }

    private int Hold(int descriptor)
    {
        var error = Marshal.GetLastPInvokeError();
        _open.Add(descriptor);
        Marshal.SetLastPInvokeError(error);
        return descriptor;
    }

    private static string Problem(string call, ReadOnlySpan<byte> path)
    {
        var error = Marshal.GetLastPInvokeError();
        var why = error switch
        {
            Permitted =>
                " (a container or the service's unit does not allow it: the agent needs CAP_SYS_ADMIN and mount namespaces, "
                    + "RestrictNamespaces=mnt)",
            NoSystemCall or InvalidArgument => " (Linux 5.12 or newer is needed)",
            _ => "",
        };
        return $"{call}{(path.IsEmpty ? "" : " ")}{LogText.Escape(path)}: {Marshal.GetPInvokeErrorMessage(error)}{why}";
    }
}
