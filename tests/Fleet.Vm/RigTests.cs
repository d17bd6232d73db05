using System.Diagnostics;
using System.Globalization;
using System.Text;
using Fleet.Testing;

namespace Fleet.Vm;

/// <summary>
/// The scripts of tests/rig that boot machines with real pools, volume groups and systemd: one test each. They take from minutes to half
/// an hour, so `./test.sh` asks for some of them, and `./test.sh --vm` for all.
/// </summary>
public sealed class RigTests(ITestOutputHelper output)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(60);

    public static TheoryData<string> Scripts =>
        [
            .. Directory
                .EnumerateFiles(Path.Combine(Repository.Root, "tests", "rig"), "check-*")
                .Select(f => Path.GetFileName(f)!)
                .Order(StringComparer.Ordinal),
        ];

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task Script_EndsWell(string script)
    {
        var wanted = (Environment.GetEnvironmentVariable("FLEET_TEST_VM") ?? "").Split(' ');
        Assert.SkipUnless(
            wanted.Contains("all") || wanted.Contains(script),
            "takes long, and is not asked for: ./test.sh --vm runs all of them");
        Assert.SkipWhen(
            long.TryParse(Environment.GetEnvironmentVariable("FLEET_TEST_VM_UNTIL"), CultureInfo.InvariantCulture, out var until)
                && TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() > until,
            "this run has no time left for it, the machine is slow: ./test.sh --vm takes all the time it needs");
        var start = new ProcessStartInfo(Path.Combine(Repository.Root, "tests", "rig", script))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var said = new StringBuilder();
        process.OutputDataReceived += Take;
        process.ErrorDataReceived += Take;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var limit = new CancellationTokenSource(Longest);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"not finished within {Longest}:\n{said}");
        }

        Assert.True(process.ExitCode == 0, $"exit code {process.ExitCode}:\n{said}");

        void Take(object sender, DataReceivedEventArgs line)
        {
            if (line.Data is { } text)
            {
                lock (said)
                {
                    said.AppendLine(text);
                }

                output.WriteLine(text);
            }
        }
    }
}
