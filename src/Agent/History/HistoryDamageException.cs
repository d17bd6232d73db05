namespace Fleet.Agent.History;

/// <summary>A file of the history cannot be used: its content is damaged, or of a format that this agent does not know.</summary>
internal sealed class HistoryDamageException(string path, string problem, Exception? inner)
    : Exception($"{System.IO.Path.GetFileName(path)}: {problem}", inner)
{
    public string Path => path;
}
