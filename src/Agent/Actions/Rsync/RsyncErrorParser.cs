using Fleet.Agent.Logging;

namespace Fleet.Agent.Actions.Rsync;

/// <summary>Picks from rsync's messages what a person must read to know what went wrong. Pure.</summary>
internal static class RsyncErrorParser
{
    /// <summary>
    /// A line of stderr as a detail, safe to show; null for the closing line that only repeats the exit code
    /// ("rsync error: ... (code 23) at main.c(1394) [sender=3.5.0]", likewise "rsync warning: ...") and for empty lines.
    /// rsync writes control characters in names as \#012, in octal.
    /// </summary>
    public static string? FromStderr(ReadOnlySpan<byte> line)
    {
        line = line.TrimEnd("\r \n"u8);
        return line.IsEmpty || (IsClosing(line) && line.IndexOf(" (code "u8) >= 0) ? null : LogText.Escape(line);
    }

    /// <summary>The few warnings that rsync prints among its normal output; null for everything else.</summary>
    public static string? FromStdout(ReadOnlySpan<byte> line) =>
        line.StartsWith("IO error encountered"u8)
        || line.StartsWith("cannot delete non-empty directory"u8)
        || line.StartsWith("file has vanished"u8)
        || line.StartsWith("skipping non-regular file"u8)
            ? LogText.Escape(line)
            : null;

    private static bool IsClosing(ReadOnlySpan<byte> line) => line.StartsWith("rsync error:"u8) || line.StartsWith("rsync warning:"u8);
}
