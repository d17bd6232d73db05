using System.Net.Sockets;
using System.Text;
using Fleet.Agent.Logging;
using Fleet.Agent.Systemd;
using Microsoft.Extensions.Logging;

namespace Fleet.Agent.Tests.Systemd;

public sealed class ServiceManagerTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Notify_RealSocket_MessagesArriveEscaped()
    {
        using var receiver = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified);
        receiver.Bind(new UnixDomainSocketEndPoint(_folder.File("notify")));
        receiver.ReceiveTimeout = 30_000;
        using var systemd = new ServiceManager(_folder.File("notify"), "30000000");
        Assert.Equal(TimeSpan.FromSeconds(30), systemd.WatchdogInterval);
        systemd.Ready();
        systemd.Status("a\nREADY=0");
        systemd.Status("a\nREADY=0");
        systemd.Watchdog();
        Assert.Equal(["READY=1", "STATUS=a\\x0aREADY=0", "WATCHDOG=1"], Enumerable.Range(0, 3).Select(_ => Receive(receiver)));
    }

    [Fact]
    public void Notify_NotUnderSystemd_DoesNothing()
    {
        using var systemd = new ServiceManager(null, "");
        systemd.Ready();
        Assert.Null(systemd.WatchdogInterval);
    }

    [Fact]
    public void Log_UntrustedText_CannotWriteALineOfItsOwn()
    {
        var text = new StringWriter();
        using var log = new ConsoleLog(text, journal: true, TimeProvider.System);
#pragma warning disable CA2254 // The template is what is tested.
        log.CreateLogger("Fleet.Agent.Runs").LogError("path a\n<0>forged \x1b[31m\u202e");
#pragma warning restore CA2254
        Assert.Equal("<3>Runs: path a\\x0a<0>forged \\x1b[31m\\u202e\n", text.ToString());
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("ä €", "ä €")]
    [InlineData("\u0085\u2028", "\\u0085\\u2028")]
    public void Escape_Text_OnlyControlsChange(string text, string expected)
    {
        Assert.Equal(expected, LogText.Escape(text));
        Assert.Equal(expected, LogText.Escape(Encoding.UTF8.GetBytes(text)));
    }

    [Fact]
    public void Escape_BytesThatAreNotUtf8_AreShownAsHex() =>
        Assert.Equal("a\\xff\\x0ab", LogText.Escape([(byte)'a', 0xff, 0x0a, (byte)'b']));

    private static string Receive(Socket socket)
    {
        var buffer = new byte[1024];
        return Encoding.UTF8.GetString(buffer.AsSpan(0, socket.Receive(buffer)));
    }
}
