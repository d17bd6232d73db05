using Fleet.Agent.Native;
using Fleet.Agent.Tools.Confinement;
using Fleet.Protocol.V1;
using Mono.Unix.Native;

namespace Fleet.Agent.Tools;

/// <summary>
/// One running process. A thread of its own starts it, reads its output, ends it when its time is up and waits for its group:
/// the kernel ties the child's life to the thread that made it (prctl(2), PR_SET_PDEATHSIG), and priorities are per thread.
/// </summary>
internal sealed unsafe class ToolProcess(
    string name,
    string program,
    string launcher,
    IReadOnlyList<ReadOnlyMemory<byte>> argv,
    IReadOnlyList<ReadOnlyMemory<byte>> environment,
    ToolRequest request,
    IToolOutput output,
    TimeProvider time) : IDisposable
{
    private const int ReadBytes = 64 * 1024;
    private const int MaxLastReads = 32;
    private const int StackBytes = 256 * 1024;
    private static readonly TimeSpan GroupPoll = TimeSpan.FromMilliseconds(20);

    // rsync writes a line for every file. Waking up for each of them would cost a tenth of the transfer, so they are left in the pipe a
    // while.
    private static readonly TimeSpan ReadPause = TimeSpan.FromMilliseconds(20);

    private readonly TaskCompletionSource<ToolResult> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly int _wake = NativeMethods.eventfd(0, NativeMethods.CloseOnExec | NativeMethods.NonBlocking);
    private readonly LineSplitter _outLines = new(LogStream.Stdout, output, request.MaxLineBytes);
    private readonly LineSplitter _errorLines = new(LogStream.Stderr, output, request.MaxLineBytes);
    private readonly Pollfd[] _watched = new Pollfd[4];
    private volatile bool _cancelled;
    private int _out = -1;
    private int _error = -1;
    private int _processId;
    private int _exitStatus;
    private bool _leaderEnded;
    private bool _outPaused;
    private long _maxResidentBytes;
    private TimeSpan _cpuTime;
    private TimeSpan? _killAfter;
    private ToolEnd _end = ToolEnd.Exited;

    public Task<ToolResult> RunAsync()
    {
        new Thread(Run, StackBytes) { IsBackground = true, Name = "tool" }.Start();
        return _done.Task;
    }

    public void Cancel()
    {
        _cancelled = true;
        ulong one = 1;
        _ = Syscall.write(_wake, &one, sizeof(ulong));
    }

    public void Dispose() => Close(_wake);

    private void Run()
    {
        var started = time.GetTimestamp();
        try
        {
            NativeMethods.SetThreadPriority(request.Priority ?? ToolPriority.Normal);
            if (Start() is { } failed)
            {
                _done.SetResult(failed);
                return;
            }

            Follow(started);
            _done.SetResult(Result(time.GetElapsedTime(started)));
        }
        catch (Exception e)
        {
            // A bug in whoever takes the output must not leave a process behind.
            EndGroupNow();
            _done.SetException(e);
        }
        finally
        {
            Close(_out);
            Close(_error);
        }
    }

    private ToolResult? Start()
    {
        var outPipe = request.StandardOutput is null ? ChildPipe.ForOutput() : ChildPipe.None;
        var errorPipe = ChildPipe.ForOutput();
        (_out, _error) = (outPipe.ReadEnd, errorPipe.ReadEnd);
        if ((_out < 0 && request.StandardOutput is null) || _error < 0)
        {
            Close(outPipe.WriteEnd);
            Close(errorPipe.WriteEnd);
            return NotStarted("no more files can be opened");
        }

        var error = 0;
        string? notConfined;
        try
        {
            var standardOutput = request.StandardOutput ?? outPipe.WriteEnd;
            notConfined = request.Confinement is { } confinement
                ? PrivateRoot.Start(confinement, program, () => error = Spawn("/", standardOutput, errorPipe.WriteEnd))
                : null;
            error = request.Confinement is null ? Spawn(request.WorkingDirectory, standardOutput, errorPipe.WriteEnd) : error;
        }
        finally
        {
            Close(outPipe.WriteEnd);
            Close(errorPipe.WriteEnd);
        }

        if (notConfined is not null)
        {
            return new ToolResult
            {
                Name = name,
                End = ToolEnd.NotConfined,
                Message = $"{name} cannot be confined to its trees on this host: {notConfined}"
            };
        }

        if (error != 0)
        {
            return NotStarted($"{name} could not be started: errno {error}");
        }

        request.OnStarted?.Invoke(new StartedProcess(_processId, ProcessStat.Read(_processId)?.StartTicks ?? 0));
        return null;
    }

    private int Spawn(string workingDirectory, int standardOutput, int standardError) =>
        ProcessSpawn.Start(
            launcher, argv, environment, workingDirectory, request.StandardInput, standardOutput, standardError, out _processId);

    private void Follow(long started)
    {
        var process = NativeMethods.OpenProcess(_processId);
        var buffer = new byte[ReadBytes];
        try
        {
            while (!Reap())
            {
                var elapsed = time.GetElapsedTime(started);
                EndIfDue(elapsed);
                Wait(process, PollTimeout(elapsed, process));
                _outPaused = Read(ref _out, _outLines, buffer) is > 0 and < ReadBytes;
                Read(ref _error, _errorLines, buffer);
            }

            // What the group wrote last. A process that left the group may hold the pipe open and keep writing, so this neither
            // waits for the end nor reads forever.
            for (var reads = 0; reads < MaxLastReads
                && Read(ref _out, _outLines, buffer) + Read(ref _error, _errorLines, buffer) > 0; reads++)
            {
            }

            _outLines.Complete();
            _errorLines.Complete();
        }
        finally
        {
            Close(process);
        }
    }

    /// <summary>True if the whole group is gone and was waited for.</summary>
    private bool Reap()
    {
        // By group and not by process: as a subreaper, the agent is the parent of every orphan in it. A child of ours that
        // was not waited for keeps the group's number from being used again, so signalling the group stays safe.
        while (true)
        {
            int status;
            NativeMethods.ResourceUsage usage;
            var reaped = NativeMethods.wait4(-_processId, &status, NativeMethods.NoHang, &usage);
            if (reaped == 0)
            {
                if (_leaderEnded && _killAfter is null)
                {
                    // Like systemd: what the main process leaves behind ends with it.
                    Signal(Signum.SIGTERM);
                    _killAfter = TimeSpan.Zero;
                }

                return false;
            }

            if (reaped < 0)
            {
                if (System.Runtime.InteropServices.Marshal.GetLastPInvokeError() == NativeMethods.ErrorInterrupted)
                {
                    continue;
                }

                return true;
            }

            _maxResidentBytes = Math.Max(_maxResidentBytes, usage.MaxResidentKibibytes * 1024);
            _cpuTime += TimeSpan.FromSeconds(usage.UserSeconds + usage.SystemSeconds)
                + TimeSpan.FromMicroseconds(usage.UserMicroseconds + usage.SystemMicroseconds);
            if (reaped == _processId)
            {
                (_exitStatus, _leaderEnded) = (status, true);
            }
        }
    }

    private void EndIfDue(TimeSpan elapsed)
    {
        if (_killAfter == TimeSpan.Zero)
        {
            _killAfter = elapsed + request.Grace;
        }

        if (_killAfter is { } killAfter)
        {
            if (elapsed >= killAfter)
            {
                Signal(Signum.SIGKILL);
            }
        }
        else if (_cancelled || elapsed >= (request.Timeout ?? TimeSpan.MaxValue))
        {
            _end = _cancelled ? ToolEnd.Cancelled : ToolEnd.TimedOut;
            _killAfter = elapsed + request.Grace;
            Signal(Signum.SIGTERM);
        }
    }

    private TimeSpan PollTimeout(TimeSpan elapsed, int process)
    {
        if (_leaderEnded || process < 0 || elapsed >= _killAfter)
        {
            return GroupPoll;
        }

        var next = (_killAfter ?? request.Timeout ?? TimeSpan.MaxValue) - elapsed;
        var longest = _outPaused ? ReadPause : TimeSpan.FromSeconds(1);
        return next < longest ? next + TimeSpan.FromMilliseconds(1) : longest;
    }

    private void Wait(int process, TimeSpan timeout)
    {
        Watch(0, _outPaused ? -1 : _out);
        Watch(1, _error);
        Watch(2, _cancelled ? -1 : _wake);
        Watch(3, _leaderEnded ? -1 : process);
        _ = Syscall.poll(_watched, (int)timeout.TotalMilliseconds);
    }

    private void Watch(int index, int descriptor) => _watched[index] = new Pollfd { fd = descriptor, events = PollEvents.POLLIN };

    /// <summary>How many bytes were read; 0: none are there now, or the end.</summary>
    private static int Read(ref int descriptor, LineSplitter lines, byte[] buffer)
    {
        if (descriptor < 0)
        {
            return 0;
        }

        long count;
        fixed (byte* start = buffer)
        {
            count = Syscall.read(descriptor, start, (ulong)buffer.Length);
        }

        if (count > 0)
        {
            lines.Write(buffer.AsSpan(0, (int)count));
            return (int)count;
        }

        if (count == 0)
        {
            Close(descriptor);
            descriptor = -1;
        }

        return 0;
    }

    private ToolResult Result(TimeSpan duration)
    {
        // See wait(2): WIFEXITED, WEXITSTATUS, WTERMSIG.
        var signal = _exitStatus & 0x7f;
        return new ToolResult
        {
            Name = name,
            End = _end,
            ExitCode = _leaderEnded && signal == 0 ? (_exitStatus >> 8) & 0xff : null,
            Signal = _leaderEnded && signal != 0 ? signal : null,
            Duration = duration,
            MaxResidentBytes = _maxResidentBytes,
            CpuTime = _cpuTime,
        };
    }

    private ToolResult NotStarted(string message) => new() { Name = name, End = ToolEnd.NotStarted, Message = message };

    private void Signal(Signum signal) => _ = Syscall.kill(-_processId, signal);

    private void EndGroupNow()
    {
        if (_processId > 0)
        {
            Signal(Signum.SIGKILL);
            int status;
            while (NativeMethods.wait4(-_processId, &status, 0, null) > 0)
            {
            }
        }
    }

    private static void Close(int descriptor)
    {
        if (descriptor >= 0)
        {
            _ = Syscall.close(descriptor);
        }
    }
}
