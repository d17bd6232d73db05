using System.Text;
using System.Text.Json;
using Fleet.Agent.Actions.Rsync.Versions;
using Fleet.Agent.Files;
using Fleet.Agent.Logging;

namespace Fleet.Agent.Actions.Restore;

/// <summary>Files of a dated tree that a policy with mode versions made.</summary>
internal static class TreeRestoreSource
{
    /// <param name="tree">Open since it was compared with the rule.</param>
    /// <exception cref="IOException">It cannot be opened, or is none.</exception>
    public static Task<RestoreSource> OpenAsync(GuardedPath tree, DeadlinedFiles files) => files.CallAsync(tree.Path, () => Open(tree));

    private static RestoreSource Open(GuardedPath tree)
    {
        var shown = LogText.Escape(tree.Path);
        if (tree.Opened is not { IsFolder: true } || tree.Folder is not { } folder)
        {
            throw new IOException(tree.Problem.Length > 0 ? tree.Problem : $"{shown} is not a dated tree made by Fleet");
        }

        var root = tree.Opened.Find([]) ?? throw new IOException($"{shown} vanished");
        try
        {
            var name = Encoding.UTF8.GetString(tree.Name);
            var store = VersionStore.Open(folder, tree.Path, readOnly: true);
            return store.Known().FirstOrDefault(v => v.Folder == name) is not { } record
                ? throw new IOException($"{shown} is not a dated tree made by Fleet")
                : !record.Complete ? throw new IOException($"{shown} was never finished: use one that was")
                : record.Inode != root.Inode ? throw new IOException($"{shown} is not the folder that Fleet made")
                : new RestoreSource(shown, "", root);
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
