using System.Globalization;
using System.Net;

namespace Fleet.Coordinator.Tests.Hosting;

/// <summary>TCP sockets on which a process listens: proc(5), /proc/PID/net/tcp and the links in /proc/PID/fd.</summary>
internal static class ListeningSockets
{
    private const string Listening = "0A";

    public static IReadOnlyList<IPEndPoint> Of(int processId)
    {
        var own = Directory.EnumerateFileSystemEntries($"/proc/{processId}/fd")
            .Select(static descriptor => new FileInfo(descriptor).LinkTarget ?? "")
            .Where(static target => target.StartsWith("socket:[", StringComparison.Ordinal))
            .Select(static target => target["socket:[".Length..^1])
            .ToHashSet();
        return
        [
            .. new[] { "tcp", "tcp6" }
                .SelectMany(table => File.ReadLines($"/proc/{processId}/net/{table}").Skip(1))
                .Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(fields => fields[3] == Listening && own.Contains(fields[9]))
                .Select(static fields => Parse(fields[1])),
        ];
    }

    /// <param name="local">Address in words of the machine's byte order, and port, in hexadecimal.</param>
    private static IPEndPoint Parse(string local)
    {
        var (address, port) = (local.Split(':')[0], local.Split(':')[1]);
        var bytes = Convert.FromHexString(address);
        for (var word = 0; word < bytes.Length; word += 4)
        {
            bytes.AsSpan(word, 4).Reverse();
        }

        return new IPEndPoint(new IPAddress(bytes), int.Parse(port, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }
}
