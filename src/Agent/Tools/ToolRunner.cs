using System.Text;
using Fleet.Agent.Logging;
using Fleet.Agent.Native;

namespace Fleet.Agent.Tools;

/// <inheritdoc cref="IToolRunner"/>
internal sealed class ToolRunner : IToolRunner
{
    /// <summary>The only folders that tools come from.</summary>
    public const string SearchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private readonly TimeProvider _time;

    public ToolRunner(TimeProvider time)
    {
        _time = time;
        NativeMethods.BecomeSubreaper();
    }

    public string? Find(string tool)
    {
        if (tool.StartsWith('/'))
        {
            return IsExecutable(tool) ? tool : null;
        }

        foreach (var folder in SearchPath.Split(':'))
        {
            var path = Path.Join(folder, tool);
            if (IsExecutable(path))
            {
                return path;
            }
        }

        return null;
    }

    public async Task<ToolResult> RunAsync(ToolRequest request, IToolOutput output, CancellationToken cancellationToken)
    {
        var name = Path.GetFileName(request.Program);
        if (cancellationToken.IsCancellationRequested)
        {
            return new ToolResult { Name = name, End = ToolEnd.Cancelled };
        }

        if (Find(request.Program) is not { } path)
        {
            return NotStarted(name, $"{LogText.Escape(request.Program)} is not installed on this host, or is not executable");
        }

        // setpriv (util-linux, essential in Debian) makes the kernel kill the tool when the thread that started it is gone,
        // and with it the agent: prctl(2), PR_SET_PDEATHSIG. It then becomes the tool by execve.
        if (Find("setpriv") is not { } setpriv)
        {
            return NotStarted(name, "setpriv is not installed on this host; it is part of util-linux");
        }

        List<ReadOnlyMemory<byte>> argv = [
            "setpriv"u8.ToArray(), "--pdeathsig"u8.ToArray(), "KILL"u8.ToArray(), "--"u8.ToArray(), Encoding.UTF8.GetBytes(path)];
        foreach (var argument in request.Arguments)
        {
            if (argument.Bytes.Contains((byte)0))
            {
                return NotStarted(name, "an argument contains a NUL byte");
            }

            argv.Add(argument.Bytes.ToArray());
        }

        if (!Directory.Exists(request.WorkingDirectory))
        {
            return NotStarted(name, $"the working directory {LogText.Escape(request.WorkingDirectory)} does not exist");
        }

        using var process = new ToolProcess(name, path, setpriv, argv, Environment(request), request, output, _time);
        await using var registration = cancellationToken.UnsafeRegister(static p => ((ToolProcess)p!).Cancel(), process);
        return await process.RunAsync();
    }

    private static ToolResult NotStarted(string name, string message) =>
        new() { Name = name, End = ToolEnd.NotStarted, Message = message };

    private static List<ReadOnlyMemory<byte>> Environment(ToolRequest request)
    {
        var home = System.Environment.GetEnvironmentVariable("HOME");
        Dictionary<string, string> all = new()
        {
            ["PATH"] = SearchPath,
            ["HOME"] = string.IsNullOrEmpty(home) ? "/" : home,
            ["LC_ALL"] = "C",
            ["LANG"] = "C",
        };
        foreach (var (key, value) in request.Environment)
        {
            all[key] = value;
        }

        return [.. all.Select(e => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes($"{e.Key}={e.Value}"))];
    }

    private static bool IsExecutable(string path)
    {
        const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        try
        {
            return File.Exists(path) && (File.GetUnixFileMode(path) & AnyExecute) != 0;
        }
        catch (IOException)
        {
            return false;
        }
        catch (UnauthorizedAccessException)
        {
            return false;
        }
    }
}
