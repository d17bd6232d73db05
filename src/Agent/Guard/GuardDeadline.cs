using System.Collections.Concurrent;
using System.Text;
using Fleet.Agent.Files;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Guard;

/// <summary>
/// Asks the guard with a deadline. It looks at the paths of an action and opens them, and one of a dead network mount holds whoever touches
/// it.
/// </summary>
internal sealed class GuardDeadline(IGuard guard, TimeProvider time)
{
    private readonly DeadlinedFiles _files = new(time, new ConcurrentDictionary<string, byte>());

    /// <exception cref="IOException">A file system did not answer in time; the message names the paths.</exception>
    /// <exception cref="OperationCanceledException"/>
    public Task<GuardDecision> CheckAsync(Protocol.V1.Action action, CancellationToken cancellationToken) =>
        _files.CallAsync(Paths(action), () => guard.Check(action), cancellationToken);

    private static byte[] Paths(Protocol.V1.Action action)
    {
        byte[][] paths =
        [
            Local(action.Rsync?.Source), Local(action.Rsync?.Destination),
            action.RestoreFiles?.Destination.ToByteArray() ?? [], action.RestoreFiles?.Tree.ToByteArray() ?? [],
            .. Commands(action).Select(c => Encoding.UTF8.GetBytes(c.WorkingDirectory)),
        ];
        var named = paths.Where(p => p.Length > 0).ToList();
        return named.Count == 0 ? [.. "the guard file"u8] : [.. named.SelectMany((p, i) => i == 0 ? p : [(byte)',', (byte)' ', .. p])];
    }

    private static byte[] Local(RsyncEndpoint? endpoint) =>
        endpoint is { RemoteCase: RsyncEndpoint.RemoteOneofCase.None } ? endpoint.Path.ToByteArray() : [];

    private static IEnumerable<CommandAction> Commands(Protocol.V1.Action action) => new[]
    {
        action.Command, action.ZfsSnapshot?.Before?.Command, action.ZfsSnapshot?.After?.Command, action.LvmSnapshot?.Before?.Command,
        action.LvmSnapshot?.After?.Command,
    }.OfType<CommandAction>();
}
