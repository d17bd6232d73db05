namespace Fleet.Agent.Enrolment;

/// <summary>
/// Finds the version in the first line that a tool prints about itself: the first word that has a digit and a dot. Seen:
/// "rsync  version 3.5.0  protocol version 32", "OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.19", "zfs-2.1.11-1+deb12u1",
/// "  LVM version:     2.03.16(2) (2022-05-18)", "restic 0.14.0 compiled with go1.19.8 on linux/amd64".
/// </summary>
internal static class ToolVersion
{
    /// <returns>The whole line when no word looks like a version.</returns>
    public static string In(string line) =>
        line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(word => word.TrimEnd(','))
            .FirstOrDefault(word => word.Contains('.', StringComparison.Ordinal) && word.Any(char.IsAsciiDigit))
        ?? line;
}
