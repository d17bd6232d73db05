using Fleet.Agent.Files;

namespace Fleet.Agent.Actions.Restore;

/// <summary>A snapshot whose files can be read now, and is certainly the one that was asked for.</summary>
/// <param name="Name">For people, safe to show.</param>
/// <param name="Identity">Guid or uuid. Empty if it has none.</param>
/// <param name="Root">Its root folder. Disposed with this.</param>
/// <param name="Release">Releases it once nothing of it is open; says what could not be released. Null if there is nothing to do.</param>
internal sealed record RestoreSource(string Name, string Identity, OpenPath Root, Func<Task<string?>>? Release = null)
{
    /// <returns>What stayed behind, safe to show. Null if there is nothing.</returns>
    public async Task<string?> CloseAsync()
    {
        Root.Dispose();
        return Release is null ? null : await Release();
    }
}
