using System.Text;
using Fleet.Agent.Files;
using Fleet.Agent.Tests.Actions;

namespace Fleet.Agent.Tests.Files;

/// <summary>Links in a rule's own path. In a folder of which every part is root's: /tmp is everybody's.</summary>
public sealed class TrustedLinksTests : IDisposable
{
    private readonly string _root = $"/var/lib/fleet-test-{Guid.NewGuid():N}";

    public TrustedLinksTests()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root");
        Shell("mkdir -p real/sub users open && ln -s real link && ln -s $PWD/real absolute && ln -s link twice && ln -s real/../real/sub up && ln -s loop loop && ln -s nosuch/x dangling && ln -s users/theirs through");
        Shell("chown 65534 users && ln -s ../real users/theirs && chmod 1777 open && ln -s ../real open/link && ln -s real owned && chown -h 65534 owned && mkdir users/plain");
    }

    public void Dispose()
    {
        if (Directory.Exists(_root))
        {
            Directory.Delete(_root, recursive: true);
        }
    }

    [Theory]
    [InlineData("real/sub", "real/sub")]
    [InlineData("link", "real")]
    [InlineData("link/sub", "real/sub")]
    [InlineData("absolute/sub", "real/sub")]
    [InlineData("twice/sub/new", "real/sub/new")]
    [InlineData("up", "real/sub")]
    [InlineData("dangling", "nosuch/x")]
    [InlineData("nosuch/link", "nosuch/link")]
    [InlineData("users/plain", "users/plain")]
    [InlineData("open/nosuch", "open/nosuch")]
    public void Resolve_LinkThatOnlyRootCanHaveMade_IsFollowed(string path, string real) =>
        Assert.Equal($"{_root}/{real}", Resolve(path, out _));

    [Theory]
    [InlineData("users/theirs", "users/theirs")]
    [InlineData("users/theirs/sub", "users/theirs")]
    [InlineData("open/link", "open/link")]
    [InlineData("owned", "owned")]
    [InlineData("through", "users/theirs")]
    public void Resolve_LinkThatOthersCouldHaveMade_IsNotFollowed(string path, string link)
    {
        Assert.Null(Resolve(path, out var problem));
        Assert.Contains($"through the link {_root}/{link}, which users other than root could have made", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Resolve_Loop_Ends()
    {
        Assert.Null(Resolve("loop/x", out var problem));
        Assert.Contains("too many links", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Resolve_FolderAboveThatOthersMayWrite_NothingBelowItIsTrusted()
    {
        Shell("chmod 775 . && chgrp 65534 .");
        Assert.Null(Resolve("link", out _));
        Assert.Equal($"{_root}/real", Resolve("real", out _));
    }

    [Fact]
    public void Resolve_Root_IsItself() => Assert.Equal("/", Encoding.UTF8.GetString(TrustedLinks.Resolve("/"u8, out _)!));

    private string? Resolve(string path, out string problem) =>
        TrustedLinks.Resolve(Encoding.UTF8.GetBytes($"{_root}/{path}"), out problem) is { } real ? Encoding.UTF8.GetString(real) : null;

    private void Shell(string script)
    {
        Directory.CreateDirectory(_root);
        var result = TestRun
            .Tools.RunAsync(
                new Agent.Tools.ToolRequest
                {
                    Program = "/bin/sh",
                    Arguments = ["-ec", script],
                    WorkingDirectory = _root,
                },
                new Tests.Tools.RecordingOutput(),
                default)
            .GetAwaiter()
            .GetResult();
        Assert.True(result.Succeeded, result.Message);
    }
}
