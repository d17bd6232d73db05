using Fleet.Agent.Configuration;
using Fleet.Agent.Storage;

namespace Fleet.Agent.History;

/// <summary>
/// The files of the history: which one is written to, which are closed, what is too old or too much, and what was damaged. A closed file
/// has no permission to be written, and nothing here writes to it again.
/// </summary>
internal sealed class HistoryFolder(string path)
{
    /// <summary>In the state directory.</summary>
    public const string Name = "history";

    public const string Extension = ".db";

    /// <summary>Added to the name of a file that is set aside.</summary>
    public const string Aside = ".damaged";

    public string Path => path;

    /// <summary>Of the files that can be read, the newest first.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public IReadOnlyList<HistoryFileName> Files() =>
        [.. Names("history-*" + Extension).Select(HistoryFileName.TryParse).OfType<HistoryFileName>().OrderDescending()];

    /// <summary>Damaged files that were set aside, and when; the newest last.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public IReadOnlyList<(string Name, DateTimeOffset At)> SetAside() =>
    [
        .. Names("history-*" + Aside).Where(n => !n.EndsWith("-log" + Extension + Aside, StringComparison.Ordinal))
            .Select(n => (n, new DateTimeOffset(File.GetLastWriteTimeUtc(System.IO.Path.Join(path, n)), TimeSpan.Zero))).OrderBy(
                n => n.Item2),
    ];

    public string PathOf(HistoryFileName file) => System.IO.Path.Join(path, file.ToString());

    /// <summary>Bytes of everything in the folder, files that were set aside among it.</summary>
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public long SizeBytes() => Names("*").Sum(n => Size(System.IO.Path.Join(path, n)));

    /// <summary>The file that is written to now: of this month, not closed, and not too large.</summary>
    /// <exception cref="IOException">The folder cannot be read, or it has too many files of this month.</exception>
    public HistoryFileName Current(DateTimeOffset now, HistoryLimits limits)
    {
        var file = HistoryFileName.FirstOf(now);
        while (File.Exists(PathOf(file)) && (IsClosed(file) || Size(PathOf(file)) >= limits.FileBytes))
        {
            file = file.Part < HistoryFileName.MaxPart
                ? file.Next
                : throw new IOException($"{path} has {HistoryFileName.MaxPart} files of this month already");
        }

        return file;
    }

    /// <summary>Closes every file but the present one. What a crash left in a log is brought into its file before.</summary>
    /// <exception cref="HistoryDamageException">A file is damaged.</exception>
    /// <exception cref="IOException">The disk refuses.</exception>
    public void CloseOthers(HistoryFileName current)
    {
        foreach (var file in Files().Where(f => f != current && !IsClosed(f)))
        {
            if (File.Exists(HistoryFile.LogOf(PathOf(file))))
            {
                HistoryFile.OpenForWriting(PathOf(file)).Dispose();
            }

            Sync(file);
            File.SetUnixFileMode(PathOf(file), UnixFileMode.UserRead);
        }
    }

    /// <summary>Forces a file's content to disk; LiteDB does not.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public void Sync(HistoryFileName file)
    {
        using var handle = File.OpenHandle(PathOf(file), FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        RandomAccess.FlushToDisk(handle);
    }

    /// <summary>Keeps a damaged file under another name, in place of an earlier one of that name.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public void PutAside(string damaged, DateTimeOffset now)
    {
        var log = HistoryFile.LogOf(damaged);
        if (File.Exists(log))
        {
            File.Move(log, log + Aside, overwrite: true);
        }

        if (File.Exists(damaged))
        {
            File.Move(damaged, damaged + Aside, overwrite: true);
            File.SetLastWriteTimeUtc(damaged + Aside, now.UtcDateTime);
        }

        DurableFile.SyncFolder(path);
    }

    /// <summary>Removes what is too old, then the oldest until the rest fits. The present file stays.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public void Drop(HistoryFileName current, DateTimeOffset now, HistoryLimits limits)
    {
        foreach (var (name, at) in SetAside())
        {
            if (at + limits.MaxAge < now || SizeBytes() > limits.MaxBytes)
            {
                var good = System.IO.Path.Join(path, name[..^Aside.Length]);
                File.Delete(HistoryFile.LogOf(good) + Aside);
                File.Delete(good + Aside);
            }
        }

        foreach (var file in Files().Reverse().Where(f => f != current))
        {
            if (file.MonthEnds + limits.MaxAge < now || SizeBytes() > limits.MaxBytes)
            {
                File.Delete(HistoryFile.LogOf(PathOf(file)));
                File.Delete(PathOf(file));
            }
        }
    }

    private bool IsClosed(HistoryFileName file) => (File.GetUnixFileMode(PathOf(file)) & UnixFileMode.UserWrite) == 0;

    private IEnumerable<string> Names(string pattern) =>
        Directory.Exists(path) ? Directory.EnumerateFiles(path, pattern).Select(f => System.IO.Path.GetFileName(f)!) : [];

    private static long Size(string file) => new FileInfo(file) is { Exists: true } info ? info.Length : 0;
}
