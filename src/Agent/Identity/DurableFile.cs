namespace Fleet.Agent.Identity;

/// <summary>Files that are either the old ones or the new ones after a crash, never half of both.</summary>
internal static class DurableFile
{
    /// <summary>Writes beside, fsyncs, renames over, fsyncs the directory.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> content, UnixFileMode mode)
    {
        var temporary = path + ".new";
        File.Delete(temporary);
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = mode,
        };
        using (var stream = new FileStream(temporary, options))
        {
            stream.Write(content);
            stream.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
        SyncDirectory(Path.GetDirectoryName(path)!);
    }

    public static void SyncDirectory(string directory)
    {
        using var handle = File.OpenHandle(directory, FileMode.Open, FileAccess.Read);
        RandomAccess.FlushToDisk(handle);
    }
}
