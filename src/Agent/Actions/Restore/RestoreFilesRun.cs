using System.Collections.Concurrent;
using System.Text;
using Fleet.Agent.Actions.Lvm;
using Fleet.Agent.Actions.Rsync;
using Fleet.Agent.Files;
using Fleet.Agent.Guard;
using Fleet.Agent.Host;
using Fleet.Agent.Logging;
using Fleet.Protocol.V1;
using Google.Protobuf;

namespace Fleet.Agent.Actions.Restore;

/// <summary>
/// The action "restore.files": copies a file or folder out of a snapshot to a path. Snapshot and destination are held open from the moment
/// when they were checked, so that neither can become another one; rsync copies.
/// </summary>
internal sealed class RestoreFilesRun(LvmMounts lvmMounts, Func<MountTable>? mounts = null) : IAction
{
    private readonly Func<MountTable> _mounts = mounts ?? (static () => MountTable.Read());
    private readonly UnfinishedRestores _unfinished = new();
    private readonly ConcurrentDictionary<string, byte> _hungPaths = new(), _hungPools = new(), _hungTools = new();

    public Protocol.V1.Action.KindOneofCase Kind => Protocol.V1.Action.KindOneofCase.RestoreFiles;

    public async Task<ActionResult> RunAsync(ActionContext context, CancellationToken cancellationToken)
    {
        if (RestorePath.Parse(context.Action.RestoreFiles.Path.Span, out var problem) is not { } path)
        {
            return ToolOutcome.Failed(problem);
        }

        if (context.Guard.Restore is not { } allowance)
        {
            return ToolOutcome.Failed("the guard did not open the destination");
        }

        var time = new AttemptTime(context);
        var files = new DeadlinedFiles(context.Time, _hungPaths);
        try
        {
            using var target = RestoreTarget.Open(allowance.Destination, _unfinished.Of(context.RunId));
            if (target.Exists && !context.Action.RestoreFiles.Overwrite)
            {
                return ToolOutcome.Failed(
                    $"{LogText.Escape(allowance.Destination.Path)} already exists: choose another destination, or overwrite");
            }

            var destination = allowance.Destination;
            if (await files.CallAsync(destination.Path, () => OtherWriters.VersionsFolderOf(destination), cancellationToken) is { } trees)
            {
                return ToolOutcome.Failed(
                    $"{LogText.Escape(trees)} holds dated trees made by Fleet, which nothing else may change: choose a destination "
                        + $"outside it");
            }

            context.Log.Progress(new RunProgress { Phase = "opening the snapshot" });
            var (source, stop) = await OpenAsync(context, allowance, files, cancellationToken);
            return stop ?? await CopyAsync(context, source!, path, target, files, time, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return ToolOutcome.Failed(LogText.Escape(e.Message));
        }
    }

    private async Task<(RestoreSource? Source, ActionResult? Stop)> OpenAsync(
        ActionContext context, RestoreAllowance allowance, DeadlinedFiles files, CancellationToken cancellationToken)
    {
        var action = context.Action.RestoreFiles;
        return action.SourceCase switch
        {
            RestoreFilesAction.SourceOneofCase.Zfs =>
                await new ZfsRestoreSource(context, files, _mounts, _hungPools).OpenAsync(action.Zfs, cancellationToken),
            RestoreFilesAction.SourceOneofCase.Lvm =>
                await new LvmRestoreSource(context, allowance, files, lvmMounts, _hungTools).OpenAsync(action.Lvm, cancellationToken),
            RestoreFilesAction.SourceOneofCase.Tree when allowance.Tree is { } tree =>
                (await TreeRestoreSource.OpenAsync(tree, files), null),
            _ => (null, ToolOutcome.Failed("the action names no snapshot that this agent knows: upgrade fleet-agent")),
        };
    }

    /// <summary>Lets the source go, whatever comes of it.</summary>
    private async Task<ActionResult> CopyAsync(
        ActionContext context, RestoreSource source, RestorePath path, RestoreTarget target, DeadlinedFiles files, AttemptTime time,
        CancellationToken cancellationToken)
    {
        ActionResult result;
        string? left = null;
        try
        {
            var about = Encoding.UTF8.GetBytes(source.Name);
            using var folder = await files.CallAsync(about, () => source.Root.Find(path.Folder), cancellationToken);
            using var wanted = folder is null
                ? null
                : await files.CallAsync(
                    about, () => path.Parts.Count == 0 ? source.Root.Find([]) : folder.Find(path.Name), cancellationToken);
            var secrets = HostSecrets.InSnapshots(context.Guard.Restore!.Secrets, _mounts());
            var hidden = HostSecrets.Below(secrets, wanted is { IsFolder: true } ? path.Bytes : path.Folder);
            var shows = !context.Guard.Confine
                && wanted is { IsFolder: true }
                && await files.CallAsync(about, () => hidden.Any(h => IsThere(wanted, h)), cancellationToken);
            result = wanted is null ? ToolOutcome.Failed($"{source.Name} holds no {LogText.Escape(path.Bytes)}")
                : HostSecrets.Holds(secrets, path.Bytes) || shows ? Secret(context.Guard, path)
                : target.Exists && target.IsFolder != wanted.IsFolder ? ToolOutcome.Failed(
                    $"the destination is {(target.IsFolder ? "a folder" : "not a folder")}, but what is to be restored "
                        + $"{(wanted.IsFolder ? "is" : "is not")}: choose another destination")
                : await CopyAsync(context, source, path, new RestoreSides(context.Guard, source.Root, wanted.IsFolder ? wanted : folder!,
                    wanted.IsFolder ? [] : path.Name.ToArray(), target, hidden), files, time, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            result = ToolOutcome.Failed(LogText.Escape(e.Message));
        }
        finally
        {
            left = await source.CloseAsync();
        }

        if (left is not null)
        {
            ToolOutcome.AddDetail(result, left);
            result.Outcome = result.Outcome == ActionOutcome.Succeeded ? ActionOutcome.SucceededWithWarnings : result.Outcome;
        }

        return result;
    }

    /// <summary>Through a link nothing is there: links are copied as such.</summary>
    private static bool IsThere(OpenPath folder, byte[] path)
    {
        using var found = folder.Below(path, out var failure, out _);
        return found is not null || failure == OpenFailure.Other;
    }

    private static ActionResult Secret(GuardDecision guard, RestorePath path) => ToolOutcome.Refused(guard with
    {
        Allowed = false,
        Message = $"{LogText.Escape(path.Bytes)} holds what controls this host, such as its guard file, the agent's state or keys of "
            + $"other hosts: "
            + (guard.Confine ? "it is not restored" : "it can only be kept out where rsync is confined"),
    });

    private async Task<ActionResult> CopyAsync(
        ActionContext context, RestoreSource source, RestorePath path, RestoreSides sides, DeadlinedFiles files, AttemptTime time,
        CancellationToken cancellationToken)
    {
        var action = context.Action.RestoreFiles;
        var target = sides.Target;
        var destination = target.Destination;
        if (!action.DryRun)
        {
            await files.CallAsync(destination.Path, target.Prepare, CancellationToken.None);
        }

        var arguments = RestoreCommands.Copy(sides.From, sides.To, target.Exists, action.DryRun);
        var (result, output) = await RsyncTransfer.TransferAsync(
            context, arguments, action.DryRun, time.Limit(context.Timeout), cancellationToken, sides.Confinement(action.DryRun));
        result.RestoreFiles = new RestoreFilesResult
        {
            Source = source.Name,
            Identity = source.Identity,
            Path = ByteString.CopyFrom(path.Bytes),
            Destination = ByteString.CopyFrom(destination.Path),
            Files = output.Stats.Statistics.FilesTransferred,
            Replaced = output.WouldReplace,
            Bytes = output.Stats.Statistics.TransferredBytes,
        };
        var to = LogText.Escape(destination.Path);
        if (result.Outcome is not (ActionOutcome.Succeeded or ActionOutcome.SucceededWithWarnings))
        {
            result.Message += action.DryRun || target.Exists ? "" : $"; {Left()}";
        }
        else if (action.DryRun)
        {
            var free = await new PathProbe(context.Tools, context.Time, _hungPaths).FreeBytesAsync(
                destination.Folder!, destination.Path, cancellationToken);
            result.RestoreFiles.FreeBytes = free.Value ?? 0;
            result.Message = $"dry run: {result.RestoreFiles.Files} file(s) with {result.RestoreFiles.Bytes} bytes would be copied to "
                + $"{to}, {output.WouldReplace} existing entries would be replaced";
        }
        else
        {
            try
            {
                await files.CallAsync(destination.Path, target.Complete, CancellationToken.None);
                result.Message = $"{result.RestoreFiles.Files} file(s) with {result.RestoreFiles.Bytes} bytes restored to {to}";
            }
            catch (IOException e)
            {
                (result.Outcome, result.Message) = (ActionOutcome.Failed, $"{LogText.Escape(e.Message)}; {Left()}");
            }
        }

        return result;

        string Left() => $"what was copied so far is beside {to}, in {target.TemporaryName}";
    }
}
