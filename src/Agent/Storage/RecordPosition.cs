namespace Fleet.Agent.Storage;

/// <summary>Where a record's content stands in its file; valid until the file is rewritten.</summary>
internal readonly record struct RecordPosition(long Offset, int Length);
