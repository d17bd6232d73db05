using System.ComponentModel;
using System.Diagnostics;

namespace Fleet.EndToEnd.Commands;

/// <summary>Runs processes on this machine, each within a limit of time.</summary>
internal static class Command
{
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(60);

    /// <summary>Runs a program to its end. A program that outlives the timeout is killed with its children.</summary>
    /// <exception cref="TimeoutException">The program did not end in time.</exception>
    public static async Task<CommandResult> RunAsync(IReadOnlyList<string> arguments, TimeSpan timeout, string? input = null)
    {
        var description = string.Join(' ', arguments);
        using var process = Start(arguments);
        using var deadline = new CancellationTokenSource(timeout);
        try
        {
            using var output = new MemoryStream();
            var readOutput = process.StandardOutput.BaseStream.CopyToAsync(output, deadline.Token);
            var readErrors = process.StandardError.ReadToEndAsync(deadline.Token);
            if (input is not null)
            {
                await process.StandardInput.WriteAsync(input.AsMemory(), deadline.Token);
            }
            process.StandardInput.Close();

            await process.WaitForExitAsync(deadline.Token);
            await readOutput;
            return new CommandResult(description, process.ExitCode, output.ToArray(), await readErrors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"not finished after {timeout.TotalSeconds:0} s: {description}");
        }
    }

    /// <summary>Runs a program that must succeed.</summary>
    public static async Task<CommandResult> RunAsync(params string[] arguments) =>
        (await RunAsync(arguments, DefaultTimeout)).OrThrow();

    private static Process Start(IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(arguments[0])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments.Skip(1))
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException($"{arguments[0]} does not start: {e.Message}; test.sh installs what the tests need", e);
        }
    }
}
