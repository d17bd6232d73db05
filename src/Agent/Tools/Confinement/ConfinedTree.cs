using Fleet.Agent.Files;

namespace Fleet.Agent.Tools.Confinement;

/// <summary>A file or folder that a confined tool sees.</summary>
/// <param name="Opened">Stays open until the tool was started.</param>
/// <param name="Path">Where the tool sees it: absolute, without links.</param>
/// <param name="Writable">With everything that is mounted in it.</param>
internal sealed record ConfinedTree(OpenPath Opened, byte[] Path, bool Writable);
