using System.Globalization;
using System.Text.Json;

namespace Fleet.Agent.History;

/// <summary>How the history stands.</summary>
/// <param name="Files">The newest first.</param>
/// <param name="SizeBytes">Of everything in its folder.</param>
/// <param name="Waiting">Attempts that are known not to be in the files yet.</param>
/// <param name="Problem">Why it cannot be written now. Empty if it can.</param>
internal sealed record HistoryStatus(IReadOnlyList<HistoryFileName> Files, long SizeBytes, int Waiting, string Problem,
    IReadOnlyList<(string Name, DateTimeOffset At)> SetAside)
{
    /// <exception cref="IOException">The folder cannot be read.</exception>
    public static HistoryStatus Of(HistoryFolder folder, int waiting, string problem) =>
        new(folder.Files(), folder.SizeBytes(), waiting, problem, folder.SetAside());

    /// <summary>What whoever reads answers should know.</summary>
    public IReadOnlyList<string> Notes =>
    [
        .. SetAside.Select(f => string.Create(
            CultureInfo.InvariantCulture,
            $"{f.Name[..^HistoryFolder.Aside.Length]} was damaged and set aside {f.At:yyyy-MM-dd HH:mm} UTC as {f.Name}: of its attempts, "
                + $"only those that the journal still held are shown")),
        .. Problem.Length > 0
            ? [$"the history cannot be written at the moment ({Problem}): what it lacks is taken from the journal"]
            : (string[])[],
    ];

    public void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteNumber("files", Files.Count);
        json.WriteNumber("bytes", SizeBytes);
        if (Files is [.., var oldest])
        {
            json.WriteString("oldest", oldest.ToString());
        }

        json.WriteNumber("waiting", Waiting);
        json.WriteString("problem", Problem);
        json.WriteStartArray("set_aside");
        foreach (var (name, _) in SetAside)
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
