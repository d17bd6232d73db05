namespace Fleet.Coordinator.Storage;

/// <summary>The directory that holds everything the coordinator must not lose, held by one process at a time.</summary>
internal sealed class StateDirectory : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly FileStream _lock;

    private StateDirectory(string path, FileStream lockFile)
    {
        Path = path;
        _lock = lockFile;
    }

    /// <summary>Absolute path.</summary>
    public string Path { get; }

    /// <summary>Creates the directory if needed (mode 0700) and takes its lock, which the kernel releases when the process ends.</summary>
    /// <exception cref="StoreException">Another coordinator holds it, or it cannot be written.</exception>
    public static StateDirectory Open(string path)
    {
        path = System.IO.Path.GetFullPath(path);
        try
        {
            Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
            var lockPath = System.IO.Path.Combine(path, "fleet-coordinator.lock");
            var file = new FileStream(lockPath, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                UnixCreateMode = OwnerOnly,
            });
            return new StateDirectory(path, file);
        }
        catch (IOException exception) when (exception is not (DirectoryNotFoundException or PathTooLongException))
        {
            throw new StoreException(
                $"{path} cannot be locked ({exception.Message}): another fleet-coordinator uses it. " +
                "Stop that one first (systemctl stop fleet-coordinator), or give this one a state_directory of its own",
                exception);
        }
        catch (Exception exception) when (exception is UnauthorizedAccessException or IOException)
        {
            throw new StoreException(
                $"{path} cannot be used ({exception.Message}): it must be a directory that this user may write", exception);
        }
    }

    /// <summary>Absolute path of a file in the directory.</summary>
    public string FilePath(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => _lock.Dispose();
}
