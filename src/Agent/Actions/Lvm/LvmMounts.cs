using System.Text;
using Fleet.Agent.Files;
using Fleet.Agent.Host;
using Fleet.Agent.Logging;
using Fleet.Agent.Lvm;

namespace Fleet.Agent.Actions.Lvm;

/// <summary>
/// Makes snapshots readable for other actions: "lvm.mount". Each gets a folder below one that only root can enter, in the host's own mount
/// namespace: another one would have to be allowed to every tool that the agent starts. What was not active is activated, and what was
/// activated here is deactivated again, by uuid. One action at a time has a snapshot. Thread-safe.
/// </summary>
/// <param name="folder">In the agent's state directory, mode 0700. Made when it is needed first.</param>
/// <param name="blockDevices">/sys/dev/block: the uuid of a mapped device.</param>
internal sealed class LvmMounts(string folder, Func<MountTable> mounts, string blockDevices = "/sys/dev/block") : IDisposable
{
    private const uint PrivateFolder = 0x1C0; // 0700
    private const int OthersMayEnter = 0x3F;
    private readonly LvmMountMarkers _markers = new(folder);
    private readonly SemaphoreSlim _gate = new(1);
    private readonly HashSet<string> _inUse = [];

    /// <param name="snapshot">As it was found right now.</param>
    public async Task<(LvmMount? Mount, LvmError? Error)> MountAsync(
        LvmAttempt attempt, LvmVolume snapshot, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (Problem(snapshot) is { } problem)
            {
                return (null, problem);
            }

            var (mount, error) = await TryMountAsync(attempt.Tools, snapshot, cancellationToken);
            if (mount is null)
            {
                await UndoAsync(attempt.LastTools, snapshot);
                return (null, error);
            }

            _inUse.Add(snapshot.Uuid);
            return (mount, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            await UndoAsync(attempt.LastTools, snapshot);
            return (null, new LvmError(LvmErrorKind.Unknown, $"{snapshot.FullName} could not be mounted: {LogText.Escape(e.Message)}"));
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <returns>
    /// Null if it is as it was before. Otherwise what stayed, which the next start of the agent tries again; safe to show.
    /// </returns>
    public async Task<string?> UnmountAsync(LvmAttempt attempt, LvmMount mount)
    {
        await _gate.WaitAsync(CancellationToken.None);
        try
        {
            _inUse.Remove(mount.Snapshot.Uuid);
            return await UndoAsync(attempt.LastTools, mount.Snapshot);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>At the agent's start, before anything can be mounted: what a crash left. Runs no tool if it left nothing.</summary>
    /// <returns>What stayed, safe to show.</returns>
    public async Task<IReadOnlyList<string>> CleanUpAsync(LvmQuery tools, CancellationToken cancellationToken)
    {
        List<string> problems = [];
        await _gate.WaitAsync(cancellationToken);
        try
        {
            foreach (var point in LeftOver())
            {
                var (_, error) = await tools.RunOtherAsync("umount", Key(point), LvmMountCommands.Unmount(point), cancellationToken);
                problems.AddRange(error is null ? [] : [$"{LogText.Escape(point)} stays mounted: {error.Message}"]);
            }

            if (_markers.All() is { Count: > 0 } left)
            {
                var (stock, error) = await tools.LookAsync(cancellationToken);
                foreach (var uuid in left)
                {
                    problems.AddRange((error?.Message ?? await DeactivateAsync(
                        tools, stock.Volumes.FirstOrDefault(v => v.Uuid == uuid), uuid)) is { } problem
                        ? [problem]
                        : []);
                }
            }

            foreach (var point in Directory.Exists(folder) && problems.Count == 0 ? Directory.EnumerateDirectories(folder) : [])
            {
                Directory.Delete(point);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            problems.Add(LogText.Escape(e.Message));
        }
        finally
        {
            _gate.Release();
        }

        return problems;
    }

    public void Dispose() => _gate.Dispose();

    private LvmError? Problem(LvmVolume snapshot) =>
        _inUse.Contains(snapshot.Uuid)
            ? new(LvmErrorKind.Busy, $"{snapshot.FullName} is mounted for another run: try again when that has ended")
        : snapshot.Merging ? new(LvmErrorKind.Merging, $"{snapshot.FullName} is being merged into its origin, or waits to be")
        : snapshot.SnapshotInvalid ? new(LvmErrorKind.SnapshotInvalid, $"{snapshot.FullName} overflowed: its content is lost")
        : snapshot.Active is null ? new(LvmErrorKind.Unknown, $"{snapshot.FullName}: it is not known whether it is active")
        : snapshot is { Kind: LvmVolumeKind.ClassicSnapshot, Active: false }
            ? new(LvmErrorKind.Unknown, $"{snapshot.FullName} is not active: activate its volume {snapshot.Group}/{snapshot.Origin}")
        : null;

    private async Task<(LvmMount? Mount, LvmError? Error)> TryMountAsync(
        LvmQuery tools, LvmVolume snapshot, CancellationToken cancellationToken)
    {
        var point = MakePoint(snapshot);
        if (snapshot.Active == false)
        {
            _markers.Add(snapshot);
            if (await tools.RunAsync(
                "lvchange", LvmCommands.Activate(snapshot.Group, snapshot.Name, snapshot.Uuid), cancellationToken) is { } notActivated)
            {
                return (null, notActivated);
            }
        }

        var device = $"/dev/{snapshot.FullName}";
        var (output, error) = await tools.RunOtherAsync("blkid", device, LvmMountCommands.Probe(device), cancellationToken);
        var type = Encoding.UTF8.GetString(output.Report.Span).Trim();
        if (type.Length == 0 && error is null or { Kind: LvmErrorKind.Unknown })
        {
            return (null, new(LvmErrorKind.Unknown, output.Errors.Lines.Count > 0 ? error!.Message : $"no file system was found on "
                + $"{snapshot.FullName}: it can only be restored as a whole"));
        }

        if (error is not null || !LvmMountCommands.IsKnown(type))
        {
            return (null, error ?? new(LvmErrorKind.Unknown, $"{snapshot.FullName} holds {LogText.Escape(type)}, from which files cannot "
                + $"be restored: only from {LvmMountCommands.KnownTypes}"));
        }

        (_, error) = await tools.RunOtherAsync("mount", device, LvmMountCommands.Mount(type, device, point), cancellationToken);
        return error is not null ? (null, error)
            : IsOf(snapshot, point) ? (new LvmMount(snapshot, point, type), null)
            : (null, new(LvmErrorKind.DoesNotExist, $"{snapshot.FullName}: another volume has taken its name"));
    }

    /// <summary>Names can be given again; the device that is mounted says which volume it is.</summary>
    private bool IsOf(LvmVolume snapshot, byte[] point)
    {
        if (mounts().Of(point) is not { ReadOnly: true } mount || !mount.Point.AsSpan().SequenceEqual(point))
        {
            return false;
        }

        // LVM-, then the uuids of group and volume, all without their hyphens.
        var uuid = File.ReadAllText(Path.Join(blockDevices, mount.Device, "dm/uuid")).Trim();
        return uuid.StartsWith("LVM-", StringComparison.Ordinal)
            && uuid.EndsWith(snapshot.Uuid.Replace("-", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    private byte[] MakePoint(LvmVolume snapshot)
    {
        var name = Encoding.ASCII.GetBytes(Path.GetFileName(PointOf(snapshot)));
        Storage.DurableFile.CreateFolder(folder);

        // mount(8) goes by the path: nobody but root may be able to put a link into it.
        var path = TrustedLinks.Resolve(Encoding.UTF8.GetBytes(Path.GetFullPath(folder)), out var problem)
            ?? throw new IOException($"{folder} {problem}");
        using var opened = OpenPath.Folder(path);
        if (FileFacts.Look(path) is not { } facts || facts.Owner != FileFacts.EffectiveUser || (facts.Mode & OthersMayEnter) != 0)
        {
            throw new IOException($"{folder} is accessible to others: chown root and chmod 700 it");
        }

        opened.MakeFolder(name, PrivateFolder);
        return [.. path, (byte)'/', .. name];
    }

    /// <exception cref="ArgumentException">No uuid: it would be another path.</exception>
    private string PointOf(LvmVolume snapshot) =>
        LvmNames.IsUuid(snapshot.Uuid)
            ? Path.Join(folder, snapshot.Uuid)
            : throw new ArgumentException($"{snapshot.Uuid} is not a UUID", nameof(snapshot));

    private async Task<string?> UndoAsync(LvmQuery tools, LvmVolume snapshot)
    {
        try
        {
            foreach (var point in LeftOver().Where(p => p.AsSpan().EndsWith(Encoding.UTF8.GetBytes($"/{snapshot.Uuid}"))))
            {
                var (_, error) = await tools.RunOtherAsync("umount", Key(point), LvmMountCommands.Unmount(point), CancellationToken.None);
                if (error is not null)
                {
                    return $"{snapshot.FullName} stays mounted at {LogText.Escape(point)}: {error.Message}";
                }
            }

            if (Directory.Exists(PointOf(snapshot)))
            {
                Directory.Delete(PointOf(snapshot));
            }

            if (!_markers.Contains(snapshot.Uuid))
            {
                return null;
            }

            var (stock, unknown) = await tools.LookAsync(CancellationToken.None);
            return unknown?.Message
                ?? await DeactivateAsync(tools, stock.Volumes.FirstOrDefault(v => v.Uuid == snapshot.Uuid), snapshot.Uuid);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FormatException)
        {
            return $"{snapshot.FullName}: {LogText.Escape(e.Message)}";
        }
    }

    /// <param name="volume">Null if it is gone.</param>
    private async Task<string?> DeactivateAsync(LvmQuery tools, LvmVolume? volume, string uuid)
    {
        if (volume is { Active: not false })
        {
            if (await tools.RunAsync(
                "lvchange", LvmCommands.Deactivate(volume.Group, volume.Name, uuid), CancellationToken.None) is { } error)
            {
                return $"{volume.FullName} stays active: {error.Message}";
            }

            // It succeeds, too, when nothing fits.
            var (stock, unknown) = await tools.LookAsync(CancellationToken.None);
            if (unknown is not null || stock.Volumes.Any(v => v.Uuid == uuid && v.Active != false))
            {
                return $"{volume.FullName} stays active: {unknown?.Message ?? "lvchange did not deactivate it"}";
            }
        }

        _markers.Remove(uuid);
        return null;
    }

    /// <summary>Points of mounts below the folder, those of another mount first.</summary>
    private IReadOnlyList<byte[]> LeftOver() =>
        Directory.Exists(folder) && FileFacts.Canonical(Encoding.UTF8.GetBytes(folder), out _) is { } root
            ? [.. mounts().Mounts.Select(m => m.Point).Where(p => p.Length > root.Length && MountTable.IsAtOrBelow(p, root)).Reverse()]
            : [];

    private static string Key(byte[] point) => Convert.ToHexString(point);
}
