using System.Text;
using Fleet.Agent.Actions.Lvm;
using Fleet.Agent.Actions.Restore;
using Fleet.Agent.Actions.Rsync.Versions;
using Fleet.Agent.Files;
using Fleet.Agent.Guard;
using Fleet.Agent.Host;
using Fleet.Agent.Tests.Actions.Lvm;
using Fleet.Protocol.V1;
using Google.Protobuf;

namespace Fleet.Agent.Tests.Actions.Restore;

/// <summary>A scratch folder with a dated tree in backup/ and a folder to restore to.</summary>
internal sealed class RestoreFixture : IDisposable
{
    public const string Tree = "fleet_nightly_20261120T205500Z";

    public RestoreFixture()
    {
        Directory.CreateDirectory(Scratch.At("backup"));
        Directory.CreateDirectory(Scratch.At("to"));
        using var folder = OpenPath.Folder(Encoding.UTF8.GetBytes(Scratch.At("backup")));
        var store = VersionStore.Open(folder, Encoding.UTF8.GetBytes(Scratch.At("backup")), readOnly: false);
        var record = store.Begin(Tree, $".{Tree}.1.partial", "nightly", PretendGroup.Run, "host", TestRun.Instant);
        Scratch.File($"backup/{record.Folder}/etc/hosts", "127.0.0.1");
        Scratch.File($"backup/{record.Folder}/etc/deep/er/file", "deep");
        Scratch.Shell($"cd 'backup/{record.Folder}/etc' && ln -s deep link && ln -s /etc/passwd out && chmod 640 hosts && chown 12:34 hosts && touch -d 2020-01-02 hosts deep && ln hosts hard && mkfifo pipe && printf x > \"$(printf 'odd\\n\\377')\"");
        store.Complete(record, record);
        store.Begin(
            "fleet_nightly_20261121T205500Z",
            ".fleet_nightly_20261121T205500Z.1.partial",
            "nightly",
            PretendGroup.Run,
            "host",
            TestRun.Instant);
    }

    // One, as in the agent: it remembers what earlier attempts left.
    private RestoreFilesRun? _run;
    private LvmMounts? _mounts;

    public ScratchTree Scratch { get; } = new();

    public PretendGroup Group { get; } = new();

    public Func<MountTable>? Mounts { get; set; }

    public bool Confine { get; set; } = true;

    /// <summary>What decides over the host that the tree is of.</summary>
    public ProtectedPlaces Places { get; set; } = ProtectedPlaces.Of(["/nosuch"], []);

    public const string Source = $"backup/{Tree}";

    public RestoreFilesAction OfTree(string path, string destination = "to/new") =>
        new() { Tree = Bytes(Scratch.At(Source)), Path = Bytes(path), Destination = Bytes(Scratch.At(destination)) };

    public RestoreRule Rule =>
        new(Encoding.UTF8.GetBytes(Scratch.Root), ["tank"], ["vg"], [Encoding.UTF8.GetBytes(Scratch.Root)], true, "guard.yaml:1: restore");

    /// <summary>As the agent does: the guard first.</summary>
    public async Task<ActionResult> RunAsync(
        RestoreFilesAction action,
        RestoreTools? tools = null,
        RestoreRule? rule = null,
        string runId = PretendGroup.Run,
        System.Action? onAllowed = null)
    {
        using var decision = RestoreRules.Check("/nosuch/guard.yaml", [rule ?? Rule], action, Places, Confine);
        if (!decision.Allowed)
        {
            return new ActionResult { Outcome = ActionOutcome.Refused, Message = decision.Message, RefusedBy = decision.Rule };
        }

        onAllowed?.Invoke();
        _mounts ??= new LvmMounts(Scratch.At("mounts"), () => Group.MountTable, Scratch.At("sys"));
        var context = TestRun.For(new Protocol.V1.Action { RestoreFiles = action }, runId: runId, tools: tools ?? new RestoreTools(Group));
        return await (_run ??= new RestoreFilesRun(_mounts, Mounts)).RunAsync(
            context with
            {
                Guard = decision,
            },
            TestContext.Current.CancellationToken);
    }

    public static ByteString Bytes(string text) => ByteString.CopyFrom(Encoding.Latin1.GetBytes(text));

    public void Dispose()
    {
        _mounts?.Dispose();
        Scratch.Dispose();
    }
}
