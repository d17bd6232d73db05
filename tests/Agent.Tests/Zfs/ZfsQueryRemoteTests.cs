using System.Collections.Concurrent;
using Fleet.Agent.Tests.Tools;
using Fleet.Agent.Tools;
using Fleet.Agent.Zfs;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests.Zfs;

/// <summary>What ssh and the other side say when zfs cannot be run there, as recorded beside rsync's failures.</summary>
public sealed class ZfsQueryRemoteTests
{
    [Theory]
    [InlineData(
        "alone-host-changed",
        nameof(ZfsErrorKind.NotLetIn),
        "the host key of other.example has changed, so nothing was sent: this may be an attack"
    )]
    [InlineData(
        "alone-key-open",
        nameof(ZfsErrorKind.NotLetIn),
        "ssh does not use the key file /home/root/.ssh/open, because others may read it (mode 0644): chmod 600"
    )]
    [InlineData("alone-port-closed", nameof(ZfsErrorKind.Unreachable), "web1.example cannot be reached on port 23 (Connection refused)")]
    [InlineData(
        "alone-cut",
        nameof(ZfsErrorKind.Unreachable),
        "the connection was lost (Connection to web1.example closed by remote host.)"
    )]
    [InlineData("alone-silent", nameof(ZfsErrorKind.Unreachable), "the connection was lost (Timeout, server web1.example not responding.)")]
    [InlineData("alone-tool-missing", nameof(ZfsErrorKind.NotStarted), "no-zfs was not found on web1.example: install it there")]
    [InlineData(
        "alone-nologin",
        nameof(ZfsErrorKind.Unknown),
        "web1.example did not run no-zfs, but printed: \"This account is currently not available.\" (exit code 1)"
    )]
    public async Task Failure_EachKind_IsReadFromWhatWasSaid(string name, string kind, string says)
    {
        foreach (var release in Recording.Releases(Recordings()))
        {
            var query = new ZfsQuery(
                new Answers(new Recording(release.Data, name, Recordings())),
                TimeProvider.System,
                new ConcurrentDictionary<string, byte>(),
                new SshRemote { Host = "web1.example" });

            var error = await query.DoAsync("no-zfs", "tank", [], TimeSpan.FromMinutes(1), CancellationToken.None);

            Assert.Equal(kind, error!.Kind.ToString());
            Assert.StartsWith(says, error.Message, StringComparison.Ordinal);
            Assert.Equal(error.Kind == ZfsErrorKind.Unreachable, error.Retryable);
        }
    }

    private static string Recordings([System.Runtime.CompilerServices.CallerFilePath] string here = "") =>
        Path.Join(Path.GetDirectoryName(here), "..", "Actions", "Rsync", "Reasons", "RsyncReasonsTests.cs");

    private sealed class Answers(Recording recording) : IToolRunner
    {
        public string? Find(string tool) => $"/usr/bin/{tool}";

        public Task<ToolResult> RunAsync(ToolRequest request, IToolOutput output, CancellationToken cancellationToken)
        {
            recording.Play(output);
            return Task.FromResult(new ToolResult { Name = request.Program, End = ToolEnd.Exited, ExitCode = recording.Exit });
        }
    }
}
