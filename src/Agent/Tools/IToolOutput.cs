using Fleet.Protocol.V1;

namespace Fleet.Agent.Tools;

/// <summary>Takes what a tool prints, line by line, on the tool's own thread. Must be quick: the tool waits for it.</summary>
internal interface IToolOutput
{
    /// <param name="line">
    /// Without its end, at most <see cref="ToolRequest.MaxLineBytes"/>; valid only during the call. Need not be UTF-8.
    /// </param>
    /// <param name="stream">Stdout or Stderr.</param>
    /// <param name="end">What ended the line. CarriageReturn: a progress line that the next one overwrites.</param>
    /// <param name="truncated">The line was longer; the rest was thrown away unread.</param>
    void OnLine(LogStream stream, ReadOnlySpan<byte> line, LineEnd end, bool truncated);
}
