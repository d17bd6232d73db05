namespace Fleet.Agent.Actions.Rsync;

/// <summary>One line of --info=progress2.</summary>
/// <param name="BytesDone">Unit: bytes.</param>
/// <param name="Percent">Of the size known so far.</param>
/// <param name="BytesPerSecond">0: unreadable or not known yet.</param>
/// <param name="Remaining">Null when the line shows the elapsed time instead, as it does at the end of each file.</param>
/// <param name="FilesLeft">Files still to be looked at. Null if not shown on this line.</param>
/// <param name="FilesKnown">Files listed so far. Null if not shown on this line.</param>
/// <param name="ListComplete">False while rsync is still listing ("ir-chk"); null if not shown on this line.</param>
internal readonly record struct RsyncProgressLine(
    long BytesDone, int Percent, long BytesPerSecond, TimeSpan? Remaining, long? FilesLeft, long? FilesKnown, bool? ListComplete);
