using System.Text;
using System.Text.Json;
using Fleet.Agent.Actions.Rsync.Versions;
using Fleet.Agent.Tools;

namespace Fleet.Agent.Actions.Restore;

/// <summary>Files of a dated tree that a policy with mode versions made.</summary>
internal static class TreeRestoreSource
{
    /// <param name="tree">Absolute, without symbolic links: one that is found nevertheless came in meanwhile.</param>
    /// <exception cref="IOException">It cannot be opened, or is none.</exception>
    public static Task<RestoreSource> OpenAsync(byte[] tree, DeadlinedFiles files) => files.CallAsync(tree, () => Open(tree));

    private static RestoreSource Open(byte[] path)
    {
        var slash = path.AsSpan().LastIndexOf((byte)'/');
        var name = Encoding.UTF8.GetString(path.AsSpan(slash + 1));
        var root = OpenPath.Folder(path);
        try
        {
            using var store = VersionStore.Open(slash == 0 ? "/"u8.ToArray() : path[..slash], readOnly: true);
            return store?.Known().FirstOrDefault(v => v.Folder == name) is not { } record ? throw new IOException($"{LogText.Escape(path)} is no dated tree made by Fleet")
                : !record.Complete ? throw new IOException($"{LogText.Escape(path)} was never finished: take one that was")
                : record.Inode != root.Inode ? throw new IOException($"{LogText.Escape(path)} is not the folder that Fleet made")
                : new RestoreSource(LogText.Escape(path), "", root);
        }
        catch (Exception e)
        {
            root.Dispose();
            if (e is JsonException)
            {
                throw new IOException("the records of dated trees cannot be read", e);
            }

            throw;
        }
    }
}
