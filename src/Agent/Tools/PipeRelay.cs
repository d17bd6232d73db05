using System.Runtime.InteropServices;
using Fleet.Agent.Native;
using Microsoft.Win32.SafeHandles;

namespace Fleet.Agent.Tools;

/// <summary>
/// Takes what one tool writes to another one's stdin, counts it and keeps it below a rate. The bytes stay in the kernel: splice(2). It ends
/// when either of the two has ended, and then lets the other one know: the reader meets the end, the writer a pipe that nobody reads.
/// </summary>
/// <param name="bytesPerSecond">0: as fast as it goes.</param>
internal sealed unsafe class PipeRelay(TimeProvider time, long bytesPerSecond) : IDisposable
{
    private const int MostAtOnce = 1024 * 1024;
    private const int LeastAtOnce = 4096;
    private const int StackBytes = 128 * 1024;
    private readonly SafeFileHandle[] _ends = [.. Ends(ChildPipe.Open()), .. Ends(ChildPipe.Open())];
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _moved;

    /// <summary>Stdout of the tool that writes. -1: there are no more open files.</summary>
    public int WriteEnd => Descriptor(_ends[1]);

    /// <summary>Stdin of the tool that reads. -1: there are no more open files.</summary>
    public int ReadEnd => Descriptor(_ends[2]);

    /// <summary>Unit: bytes. May be read at any time.</summary>
    public long Moved => Interlocked.Read(ref _moved);

    /// <summary>Completes when all that was written was taken along, or nobody reads any longer. Never fails.</summary>
    public Task Done => _done.Task;

    public void Start() => new Thread(Run, StackBytes) { IsBackground = true, Name = "relay" }.Start();

    /// <summary>The tool that writes has its own copy now, or will never come.</summary>
    public void LetGoOfWriteEnd() => _ends[1].Dispose();

    /// <summary>The tool that reads has its own copy now, or will never come.</summary>
    public void LetGoOfReadEnd() => _ends[2].Dispose();

    public void Dispose() => Array.ForEach(_ends, e => e.Dispose());

    private static SafeFileHandle[] Ends(ChildPipe pipe) => [new(pipe.ReadEnd, ownsHandle: true), new(pipe.WriteEnd, ownsHandle: true)];

    private static int Descriptor(SafeFileHandle handle) => handle.IsClosed ? -1 : (int)handle.DangerousGetHandle();

    private void Run()
    {
        // Held open for as long as they are in use here: a number that was closed could be another file a moment later.
        var (from, to) = (_ends[0], _ends[3]);
        var (holdsFrom, holdsTo) = (false, false);
        try
        {
            from.DangerousAddRef(ref holdsFrom);
            to.DangerousAddRef(ref holdsTo);
            Move((int)from.DangerousGetHandle(), (int)to.DangerousGetHandle());
        }
        catch (ObjectDisposedException)
        {
            // Given up before it began.
        }
        finally
        {
            Release(from, holdsFrom);
            Release(to, holdsTo);
            _done.SetResult();
        }
    }

    private static void Release(SafeFileHandle handle, bool isHeld)
    {
        if (isHeld)
        {
            handle.DangerousRelease();
        }

        handle.Dispose();
    }

    private void Move(int from, int to)
    {
        var most = bytesPerSecond == 0 ? MostAtOnce : (int)Math.Clamp(bytesPerSecond / 10, LeastAtOnce, MostAtOnce);
        var free = time.GetTimestamp();
        while (true)
        {
            var count = NativeMethods.splice(from, null, to, null, (nuint)most, 0);
            if (count < 0 && Marshal.GetLastPInvokeError() == NativeMethods.ErrorInterrupted)
            {
                continue;
            }

            if (count <= 0)
            {
                return;
            }

            Interlocked.Add(ref _moved, count);
            if (bytesPerSecond > 0)
            {
                // What was not used of the rate while nothing came is not made up for.
                free = Math.Max(free, time.GetTimestamp()) + (long)((double)count / bytesPerSecond * time.TimestampFrequency);
                var wait = time.GetElapsedTime(time.GetTimestamp(), free);
                if (wait > TimeSpan.Zero)
                {
                    Thread.Sleep(wait);
                }
            }
        }
    }
}
