using Fleet.Agent.Tools;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Rsync.Ownership;

/// <summary>Fetches and writes <see cref="OwnerMarker"/> on another machine with rsync itself, one file at a time.</summary>
internal sealed class RemoteOwnerFile(ActionContext context)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    private RsyncAction Action => context.Action.Rsync;

    /// <param name="Problem">Why it could not be found out whether there is one, one line, safe to show. Null: it was.</param>
    public readonly record struct Fetched(OwnerMarker? Marker, string? Problem);

    public async Task<Fetched> FetchAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("fleet-owner-");
        try
        {
            var errors = await RunAsync(RsyncCommands.FetchFile(Action, OwnerMarker.FileName, OwnerMarker.MaxBytes, folder.FullName), cancellationToken);
            var file = Path.Join(folder.FullName, OwnerMarker.FileName);
            return errors is not null
                ? new(null, errors.Any(e => e.Contains("No such file or directory", StringComparison.Ordinal)) ? null : errors.FirstOrDefault() ?? "no message")
                : File.Exists(file) ? new(OwnerFile.Parse(File.ReadAllBytes(file)), null) : default;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <returns>Why it was not written, one line, safe to show; null: it was.</returns>
    public async Task<string?> WriteAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("fleet-owner-");
        try
        {
            var file = Path.Join(folder.FullName, OwnerMarker.FileName);
            File.WriteAllBytes(file, OwnerFile.Content(OwnerMarker.Of(context, folder: 0)));
            return (await RunAsync(RsyncCommands.SendFile(Action, file), cancellationToken)) is { } errors ? errors.FirstOrDefault() ?? "no message" : null;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <returns>What it printed to stderr; null: it succeeded.</returns>
    private async Task<IReadOnlyList<string>?> RunAsync(IReadOnlyList<ToolArgument> arguments, CancellationToken cancellationToken)
    {
        var output = new Errors();
        var request = new ToolRequest { Program = "rsync", Arguments = arguments, Timeout = Timeout, Grace = TimeSpan.FromSeconds(5) };
        var result = await context.Tools.RunAsync(request, output, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return result.Succeeded ? null : output.Lines.Count > 0 ? output.Lines.ToArray() : result.Message.Length > 0 ? [result.Message] : [];
    }

    private sealed class Errors : IToolOutput
    {
        public List<string> Lines { get; } = [];

        public void OnLine(LogStream stream, ReadOnlySpan<byte> line, LineEnd end, bool truncated)
        {
            if (stream == LogStream.Stderr && Lines.Count < 10 && RsyncErrorParser.FromStderr(line) is { } error)
            {
                Lines.Add(error);
            }
        }
    }
}
