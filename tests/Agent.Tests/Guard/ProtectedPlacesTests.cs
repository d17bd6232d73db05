using System.Diagnostics;
using System.Text;
using Fleet.Agent.Guard;
using Fleet.Agent.Host;
using Fleet.Protocol.V1;
using Google.Protobuf;

namespace Fleet.Agent.Tests.Guard;

/// <summary>What is mounted in two places has two names, and what decides over a host is outside every rule under both.</summary>
public sealed class ProtectedPlacesTests : IDisposable
{
    private readonly TemporaryFolder _etc = new();
    private readonly TemporaryFolder _folder = new();
    private readonly FileGuard _guard;

    public ProtectedPlacesTests()
    {
        Directory.CreateDirectory(_folder.File("state"));
        _guard = new FileGuard(() => _etc.File("guard.yaml"), () => [_folder.File("state")]);
    }

    public void Dispose()
    {
        _folder.Dispose();
        _etc.Dispose();
    }

    [Theory]
    [InlineData("/", "/mnt/host", "/mnt/host/etc/fleet")]
    [InlineData("/etc", "/srv/etc", "/srv/etc/fleet")]
    [InlineData("/etc/fleet", "/srv/x", "/srv/x")]
    [InlineData("/etc/fleet/keys", "/srv/keys", "/srv/keys")]
    [InlineData("/etc/fleeting", "/srv/x", null)]
    public void Of_UnderAnotherMount_AreThePlaces(string root, string point, string? expected)
    {
        var places = ProtectedPlaces.Of(["/etc/fleet"], [], Table("254:0 / /", $"254:0 {root} {point}", "254:1 / /other"));

        Assert.Equal(expected is null ? ["/etc/fleet"] : ["/etc/fleet", expected], places.Folders.Select(f => Encoding.ASCII.GetString(f)));
        Assert.Equal(expected is not null, places.WriteProblem(Encoding.ASCII.GetBytes(point)) is not null);
    }

    [Fact]
    public void Of_SubvolumesAndWhatIsMountedOver_OnlyWhatCanBeReached()
    {
        var places = ProtectedPlaces.Of(
            ["/etc/fleet"], ["/root/key"], Table("0:30 /@ /", "0:30 / /mnt/top", "0:40 / /mnt/top/@/etc", "0:30 /@ /again"));

        Assert.Equal(["/etc/fleet", "/again/etc/fleet"], places.Folders.Select(f => Encoding.ASCII.GetString(f)));
        Assert.Equal(["/root/key", "/mnt/top/@/root/key", "/again/root/key"], places.Secrets.Select(f => Encoding.ASCII.GetString(f)));
    }

    [Fact]
    public void Of_OnZfs_WhatSnapshotsHeldIsOneOfThem()
    {
        var mounts = MountTable.Parse("27 1 0:25 / / rw - zfs rpool/ROOT/debian rw\n28 27 0:26 / /home rw - zfs rpool/home rw\n29 27 0:27 / /.zfs/snapshot/daily ro - zfs rpool/ROOT/debian@daily ro\n"u8.ToArray());

        var places = ProtectedPlaces.Of(["/etc/fleet"], [], mounts);

        Assert.Contains("outside every rule", places.ReadProblem("/.zfs/snapshot/daily/etc/fleet"u8.ToArray()), StringComparison.Ordinal);
        Assert.Contains("/.zfs", places.Below("/"u8.ToArray()).Select(f => Encoding.ASCII.GetString(f)));
        Assert.Null(places.ReadProblem("/home/.zfs/snapshot/daily/ann"u8.ToArray()));
    }

    [Fact]
    public void Check_SourceThatABindMountLeadsInto_HidesIt()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root");
        Directory.CreateDirectory(_folder.File("work/again"));
        Assert.Equal(0, Start("mount", "--bind", _folder.File("state"), _folder.File("work/again")));
        try
        {
            _etc.Write("guard.yaml", $"rsync: {{sources: [{_folder.File("work")}], destinations: [{{path: {_folder.File("work")}, allow: [copy]}}], remotes: [nas1]}}");
            var there = new RsyncEndpoint { Path = ByteString.CopyFromUtf8(_folder.File("work")) };
            var nas = new RsyncEndpoint { Path = ByteString.CopyFromUtf8("/x"), Ssh = new SshRemote { Host = "nas1" } };

            using var read = _guard.Check(
                new Protocol.V1.Action
                {
                    Rsync = new RsyncAction
                    {
                        Mode = RsyncMode.Copy,
                        Source = there,
                        Destination = nas,
                    },
                });
            using var written = _guard.Check(
                new Protocol.V1.Action
                {
                    Rsync = new RsyncAction
                    {
                        Mode = RsyncMode.Copy,
                        Source = nas,
                        Destination = there,
                    },
                });

            Assert.True(read.Allowed, read.Message);
            Assert.Equal([_folder.File("work/again")], read.Hidden.Select(h => Encoding.UTF8.GetString(h)));
            Assert.Contains("outside every rule", written.Message, StringComparison.Ordinal);
        }
        finally
        {
            Start("umount", _folder.File("work/again"));
        }
    }

    /// <param name="mounts">Device, root and point of each, in the order of mounting.</param>
    private static MountTable Table(params string[] mounts) =>
        MountTable.Parse(Encoding.ASCII.GetBytes(string.Concat(mounts.Select((m, i) => $"{27 + i} 1 {m} rw - ext4 /dev/vda rw\n"))));

    private static int Start(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        return process.ExitCode;
    }
}
