using System.Diagnostics;
using System.Globalization;

namespace Fleet.Agent.Tests.Actions.Rsync;

/// <summary>
/// What whoever owns a folder can do to root who works in it: an unprivileged process exchanges every folder that it finds there with a
/// link to another place, by renameat2(2), all the time. Whatever comes up there later, such as a temporary folder, is exchanged too.
/// </summary>
internal sealed class LinkAttack : IAsyncDisposable
{
    /// <summary>
    /// As nobody, in argv[1]: exchanges NAME with l-NAME, a link to argv[2]. A line on stdin: prints the number of exchanges so far. Ends
    /// with stdin.
    /// </summary>
    private const string Program = """
        import ctypes, os, select, stat, sys
        libc = ctypes.CDLL(None, use_errno=True)
        os.setgroups([]); os.setgid(65534); os.setuid(65534); os.chdir(sys.argv[1])
        target = os.fsencode(sys.argv[2])
        done = moved = 0

        def kind(name):
            try:
                mode = os.lstat(name).st_mode
            except OSError:
                return None
            return "link" if stat.S_ISLNK(mode) else "folder" if stat.S_ISDIR(mode) else "other"

        print("ready", flush=True)
        while True:
            for name in os.listdir(b"."):
                if name.startswith(b"l-"):
                    continue
                link = b"l-" + name
                here, there = kind(name), kind(link)
                if here == "other" or (here == "link" and there == "link"):
                    continue
                try:
                    if here == "folder" and there in ("folder", "other"): # root made the folder anew
                        moved += 1
                        os.rename(link, b"l-old%d" % moved)
                        there = None
                    if here == "folder" and there is None:
                        os.symlink(target, link)
                except OSError:
                    continue
                done += libc.renameat2(-100, name, -100, link, 2) == 0
            if select.select([sys.stdin], [], [], 0)[0]:
                if not sys.stdin.readline():
                    break
                print(done, flush=True)
        """;

    private readonly Process _process;

    private LinkAttack(Process process) => _process = process;

    /// <param name="folder">Nobody must own it.</param>
    /// <param name="target">Where the links lead.</param>
    public static async Task<LinkAttack> StartAsync(string folder, string target)
    {
        var attack = new LinkAttack(Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", Program, folder, target])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!);
        Assert.Equal("ready", await attack.LineAsync());
        return attack;
    }

    /// <returns>The exchanges so far.</returns>
    public async Task<long> CountAsync()
    {
        await _process.StandardInput.WriteLineAsync();
        return long.Parse(await LineAsync() ?? "", CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task<string?> LineAsync()
    {
        await _process.StandardInput.FlushAsync();
        return await _process
            .StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken)
            .AsTask()
            .WaitAsync(TimeSpan.FromMinutes(1));
    }
}
