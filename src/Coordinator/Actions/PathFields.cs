using System.Text;
using Google.Protobuf;

namespace Fleet.Coordinator.Actions;

/// <summary>Checks paths in actions.</summary>
internal static class PathFields
{
    /// <summary>PATH_MAX of Linux, in bytes.</summary>
    public const int MaxPathBytes = 4096;

    public static void RefusePlaceholder(this ActionFindings findings, ByteString text, string path)
    {
        if (PathPlaceholders.Problem(Encoding.Latin1.GetString(text.Span)) is { } problem)
        {
            findings.Refuse(path, problem);
        }
    }

    public static void RefuseBadPath(this ActionFindings findings, ReadOnlySpan<byte> bytes, string path)
    {
        if (bytes.Contains((byte)0) || bytes.Length >= MaxPathBytes)
        {
            findings.Refuse(path, "a path is shorter than 4,096 bytes and has no NUL");
        }
    }

    public static void RefuseRelativeFile(this ActionFindings findings, string file, string path)
    {
        if (file.Length > 0 && (!file.StartsWith('/') || file.Contains('\0') || file.Length >= MaxPathBytes))
        {
            findings.Refuse(path, "must be an absolute path");
        }
    }

    public static void RefuseRelative(this ActionFindings findings, ReadOnlySpan<byte> path, string field)
    {
        if (path is not [(byte)'/', ..])
        {
            findings.Refuse(field, path.IsEmpty ? "is required" : "must be absolute (begin with \"/\")");
        }

        findings.RefuseBadPath(path, field);
    }
}
