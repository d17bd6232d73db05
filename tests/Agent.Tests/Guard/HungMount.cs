using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Fleet.Agent.Tests.Guard;

/// <summary>
/// A mount that hangs whoever touches what is in it, as a dead NFS server's does: a FUSE file system that never answers. Skips the test
/// where there is no FUSE. Disposed, it answers everybody with an error.
/// </summary>
internal sealed partial class HungMount : IDisposable
{
    private const int Detach = 2;
    private readonly TemporaryFolder _folder = new();
    private readonly SafeFileHandle _fuse;

    public HungMount()
    {
        try
        {
            _fuse = File.OpenHandle("/dev/fuse", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _folder.Dispose();
            Assert.Skip($"there is no FUSE here: {e.Message}");
            throw;
        }

        if (mount(
                "hung",
                _folder.Path,
                "fuse.hung",
                0,
                Encoding.ASCII.GetBytes($"fd={_fuse.DangerousGetHandle()},rootmode=40000,user_id=0,group_id=0\0")
            ) != 0)
        {
            var why = Marshal.GetLastPInvokeErrorMessage();
            _fuse.Dispose();
            _folder.Dispose();
            Assert.Skip($"mounting is not allowed here: {why}");
        }
    }

    public string Path => _folder.Path;

    /// <summary>From now on nothing hangs any more.</summary>
    public void Break() => _fuse.Dispose();

    public void Dispose()
    {
        Break();
        _ = umount2(_folder.Path, Detach);
        _folder.Dispose();
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int mount(string source, string target, string type, nuint flags, byte[] options);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int umount2(string target, int flags);
}
