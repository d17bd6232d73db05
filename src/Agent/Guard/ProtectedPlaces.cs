using System.Text;
using Fleet.Agent.Files;
using Fleet.Agent.Tools;

namespace Fleet.Agent.Guard;

/// <summary>
/// What decides over this host, and so is outside every rule: the folders of the guard file and of the configuration, the agent's state and its
/// program, keys and passwords of other hosts. Nothing of it is ever written to, nor read as a source.
/// </summary>
/// <param name="Folders">Absolute, without links.</param>
/// <param name="Program">The agent's own.</param>
/// <param name="Secrets">Files with keys and passwords.</param>
internal sealed record ProtectedPlaces(IReadOnlyList<byte[]> Folders, byte[]? Program, IReadOnlyList<byte[]> Secrets)
{
    /// <param name="folders">As they are configured.</param>
    /// <param name="secrets">Of the rules and of the action. May be empty texts.</param>
    public static ProtectedPlaces Of(IEnumerable<string> folders, IEnumerable<string> secrets) => new(
        Real(folders),
        Environment.ProcessPath is { } program && Real([program]) is [var real, ..] ? real : null,
        Real(secrets.Where(s => s.Length > 0)));

    /// <summary>Why nothing may be written at a path, which has no links. Null: nothing of this is there.</summary>
    public string? WriteProblem(byte[] path) =>
        Folders.Concat(Secrets).Concat(Program is null ? [] : [Program]).FirstOrDefault(p => FileFacts.IsWithin(path, p) || FileFacts.IsWithin(p, path)) is { } place
            ? $"{LogText.Escape(path)} holds {LogText.Escape(place)}, or lies in it: what decides over this host is outside every rule"
            : null;

    /// <summary>Why nothing may be read at a path, which has no links. Null: it may, but for <see cref="Below"/>.</summary>
    public string? ReadProblem(byte[] path) =>
        Folders.Concat(Secrets).FirstOrDefault(p => FileFacts.IsWithin(path, p)) is { } place
            ? $"{LogText.Escape(path)} is {LogText.Escape(place)}, or lies in it: what decides over this host is outside every rule"
            : null;

    /// <summary>What a tool that reads a folder must not see.</summary>
    public IReadOnlyList<byte[]> Below(byte[] path) => [.. Folders.Concat(Secrets).Where(p => FileFacts.IsWithin(p, path))];

    private static IReadOnlyList<byte[]> Real(IEnumerable<string> paths) =>
        [.. paths.Select(p => FileFacts.Canonical(Encoding.UTF8.GetBytes(Path.GetFullPath(p)), out _)).OfType<byte[]>().DistinctBy(Convert.ToHexString)];
}
