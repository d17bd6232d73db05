namespace Fleet.Coordinator.Configuration;

/// <summary>The newest <see cref="ReloadableOptions"/>. Read at each use, never kept.</summary>
internal sealed class LiveOptions(ReloadableOptions initial)
{
    private ReloadableOptions _current = initial;

    public ReloadableOptions Current
    {
        get => Volatile.Read(ref _current);
        set => Volatile.Write(ref _current, value);
    }
}
