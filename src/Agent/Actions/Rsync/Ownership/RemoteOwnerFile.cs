using System.Text;
using Fleet.Agent.Files;
using Fleet.Agent.Tools;
using Fleet.Agent.Tools.Confinement;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Actions.Rsync.Ownership;

/// <summary>Fetches and writes <see cref="OwnerMarker"/> on another machine with rsync itself, one file at a time.</summary>
internal sealed class RemoteOwnerFile(ActionContext context)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    private RsyncAction Action => context.Action.Rsync;

    private RsyncAction Named => LocalSides.Named(Action, context.Guard);

    /// <param name="Problem">Why it could not be found out whether there is one, one line, safe to show. Null if that was possible.</param>
    public readonly record struct Fetched(OwnerMarker? Marker, string? Problem);

    /// <exception cref="IOException">There is no private folder to fetch it to.</exception>
    /// <exception cref="UnauthorizedAccessException"/>
    public async Task<Fetched> FetchAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("fleet-owner-");
        try
        {
            var arguments = RsyncCommands.FetchFile(
                Named, OwnerMarker.FileName, OwnerMarker.MaxBytes, folder.FullName, context.Guard.Confine);
            var errors = await RunAsync(arguments, folder.FullName, cancellationToken);
            var file = Path.Join(folder.FullName, OwnerMarker.FileName);
            return errors is not null
                ? new(null, errors.Any(e => e.Contains("No such file or directory", StringComparison.Ordinal)) ? null : FirstOf(errors))
                : new FileInfo(file) is { Exists: true, LinkTarget: null } ? new(OwnerFile.Parse(File.ReadAllBytes(file)), null) : default;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <returns>Why it was not written, one line, safe to show; null if that was possible.</returns>
    /// <inheritdoc cref="FetchAsync"/>
    public async Task<string?> WriteAsync(CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("fleet-owner-");
        try
        {
            var file = Path.Join(folder.FullName, OwnerMarker.FileName);
            File.WriteAllBytes(file, OwnerFile.Content(OwnerMarker.Of(context, folder: 0)));
            var errors = await RunAsync(RsyncCommands.SendFile(Named, file, context.Guard.Confine), folder.FullName, cancellationToken);
            return errors is null ? null : FirstOf(errors);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <param name="folder">All that rsync sees of this host.</param>
    /// <returns>What it printed to stderr; null if it succeeded.</returns>
    private async Task<IReadOnlyList<string>?> RunAsync(
        IReadOnlyList<ToolArgument> arguments, string folder, CancellationToken cancellationToken)
    {
        var path = Encoding.UTF8.GetBytes(folder);
        using var opened = OpenPath.Folder(path);
        using var password = LocalSides.Password(Action, context.Guard);
        var output = new Errors();
        var request = new ToolRequest
        {
            Program = "rsync",
            Arguments = arguments,
            Timeout = Timeout,
            Grace = TimeSpan.FromSeconds(5),
            StandardInput = password is null ? null : (int)password.DangerousGetHandle(),
            Confinement = LocalSides.Confinement(Action, context.Guard, [new ConfinedTree(opened, path, Writable: true)]),
        };
        var result = await context.Tools.RunAsync(request, output, cancellationToken);
        cancellationToken.ThrowIfCancellationRequested();
        return result.Succeeded
            ? null
            : output.Lines.Count > 0
            ? output.Lines.ToArray()
            : result.Message.Length > 0
            ? [result.Message]
            : [];
    }

    private static string FirstOf(IReadOnlyList<string> errors) => errors is [var first, ..] ? first : "no message";

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
