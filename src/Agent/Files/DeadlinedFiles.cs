using System.Collections.Concurrent;
using Fleet.Agent.Logging;

namespace Fleet.Agent.Files;

/// <summary>
/// Calls of the file system with a deadline. What hangs inside the kernel cannot be ended: its thread is walked away from, and the same
/// path is not touched again until it came back.
/// </summary>
/// <param name="hung">Paths that hang. Outlives this object.</param>
internal sealed class DeadlinedFiles(TimeProvider time, ConcurrentDictionary<string, byte> hung)
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    /// <summary>Each call that hangs keeps a thread.</summary>
    public const int MaxHung = 64;

    /// <param name="path">What is named when it hangs; several, separated by ", ".</param>
    /// <param name="call">Its result is disposed when it comes too late.</param>
    /// <exception cref="IOException">No answer in time, or what the call throws.</exception>
    /// <exception cref="OperationCanceledException"/>
    public async Task<T> CallAsync<T>(byte[] path, Func<T> call, CancellationToken cancellationToken = default)
    {
        var key = Convert.ToHexString(path);
        if (hung.ContainsKey(key))
        {
            throw new IOException($"{LogText.Escape(path)}: an earlier request is still waiting for an answer");
        }

        if (hung.Count >= MaxHung)
        {
            throw new IOException(
                $"{LogText.Escape(path)} was not inspected: {MaxHung} earlier requests still wait for file systems that hang");
        }

        var running = Task.Factory.StartNew(
            call, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
        try
        {
            return await running.WaitAsync(Deadline, time, cancellationToken);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException && !running.IsFaulted)
        {
            hung[key] = 0;
            _ = running.ContinueWith(
                late =>
                {
                    hung.TryRemove(key, out _);
                    (late.IsCompletedSuccessfully ? late.Result as IDisposable : null)?.Dispose();
                },
                TaskScheduler.Default);
            throw e is OperationCanceledException ? e : new IOException($"{LogText.Escape(path)} does not answer: its file system hangs");
        }
    }
}
