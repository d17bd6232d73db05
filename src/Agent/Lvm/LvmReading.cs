namespace Fleet.Agent.Lvm;

/// <summary>What was read of a report.</summary>
/// <param name="Items">Each once, by uuid.</param>
/// <param name="Refused">Rows that were not understood, or the whole report. Safe to show.</param>
internal sealed record LvmReading<T>(IReadOnlyList<T> Items, IReadOnlyList<string> Refused)
{
    /// <summary>Nothing was refused: the list is all there is.</summary>
    public bool IsComplete => Refused.Count == 0;
}
