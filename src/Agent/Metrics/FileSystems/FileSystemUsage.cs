namespace Fleet.Agent.Metrics.FileSystems;

/// <summary>What statvfs(3) says of a mounted file system.</summary>
/// <param name="FreeBytes">Free to root.</param>
/// <param name="AvailableBytes">Free to others than root.</param>
/// <param name="Error">errno; 0: the other fields hold.</param>
internal readonly record struct FileSystemUsage(
    double SizeBytes, double FreeBytes, double AvailableBytes, double Inodes, double FreeInodes, bool ReadOnly, int Error);
