using Fleet.Agent.Tools;
using Fleet.Testing;

namespace Fleet.Agent.Tests.Actions.Rsync;

/// <summary>One release of rsync: the one that is installed, or one that ./test.sh unpacked beside it.</summary>
internal sealed class RsyncRelease : IToolRunner
{
    /// <summary>
    /// The oldest release that is tried is Debian 12's first: later ones hold paths open themselves, so that a race is hard to lose with
    /// them.
    /// </summary>
    public const string Installed = "installed", Oldest = "3.2.7";

    private readonly string _program;

    /// <summary>Skips the test if there is no such release.</summary>
    public RsyncRelease(string name)
    {
        _program = name == Installed ? "rsync" : Path.Combine(Repository.Root, $"artifacts/tools/rsync-{name}/usr/bin/rsync");
        Assert.SkipUnless(Find("rsync") is not null, $"rsync {name} is not there: ./test.sh unpacks Debian's package to {_program}");
    }

    /// <summary>Absolute path, or null.</summary>
    public string? Find(string tool) => TestRun.Tools.Find(tool == "rsync" ? _program : tool);

    public Task<ToolResult> RunAsync(ToolRequest request, IToolOutput output, CancellationToken cancellationToken) =>
        TestRun.Tools.RunAsync(request.Program == "rsync" ? request with { Program = _program } : request, output, cancellationToken);
}
