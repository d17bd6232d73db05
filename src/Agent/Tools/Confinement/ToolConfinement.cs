namespace Fleet.Agent.Tools.Confinement;

/// <summary>
/// What a tool sees of the host: these trees, and read-only what it needs to run (programs, libraries, the databases of users and hosts). A
/// link in a tree that leads out of it leads to nothing, whoever put it there, and whenever.
/// </summary>
internal sealed record ToolConfinement
{
    public required IReadOnlyList<ConfinedTree> Trees { get; init; }

    /// <summary>Folders and files in the trees that the tool finds empty. Absolute, without links.</summary>
    public IReadOnlyList<byte[]> Hidden { get; init; } = [];

    /// <summary>The tool starts a remote shell with <see cref="PrivateRoot.RemoteShell"/>, which sees the host as it is.</summary>
    public bool StartsRemoteShell { get; init; }
}
