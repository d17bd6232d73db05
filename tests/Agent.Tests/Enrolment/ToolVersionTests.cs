using Fleet.Agent.Enrolment;

namespace Fleet.Agent.Tests.Enrolment;

public sealed class ToolVersionTests
{
    [Theory]
    [InlineData("rsync  version 3.2.7  protocol version 31", "3.2.7")]
    [InlineData("OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.19 27 Jan 2026", "OpenSSH_9.2p1")]
    [InlineData("zfs-2.1.11-1+deb12u1", "zfs-2.1.11-1+deb12u1")]
    [InlineData("  LVM version:     2.03.16(2) (2022-05-18)", "2.03.16(2)")]
    [InlineData("restic 0.14.0 compiled with go1.19.8 on linux/amd64", "0.14.0")]
    [InlineData("something else", "something else")]
    [InlineData("", "")]
    public void In_FirstLineOfATool_IsItsVersion(string line, string version) => Assert.Equal(version, ToolVersion.In(line));
}
