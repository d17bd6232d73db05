using System.Net.Sockets;
using System.Runtime.InteropServices;
using Fleet.Agent.Accounts;
using Fleet.Agent.Files;
using Fleet.Agent.Logging;
using Mono.Unix.Native;

namespace Fleet.Agent.LocalSocket;

/// <summary>
/// Who may ask: root, the agent's own user, and members of the group that agent.yaml names. The kernel says who somebody is.
/// </summary>
internal sealed class SocketPeers
{
    // sys/socket.h of Linux, on x86-64 and arm64.
    private const int SocketLevel = 1;
    private const int PeerCredentials = 17;
    private const int PeerGroups = 59;
    private const int MaxGroups = 1024;
    private const uint NoGroup = uint.MaxValue;

    private readonly uint _group;

    private SocketPeers(uint group) => _group = group;

    /// <param name="group">Its name. Empty for nobody but root.</param>
    /// <param name="problem">There is no such group, so only root may ask. Empty if there is.</param>
    public static SocketPeers Of(string group, out string problem)
    {
        problem = "";
        if (group.Length == 0)
        {
            return new SocketPeers(NoGroup);
        }

        if (HostAccounts.Group(group) is { } number)
        {
            return new SocketPeers(number);
        }

        problem = $"there is no group {LogText.Escape(group)}: only root may ask the agent";
        return new SocketPeers(NoGroup);
    }

    /// <summary>Makes a socket's file one that exactly these may open.</summary>
    /// <exception cref="IOException">The kernel refuses.</exception>
    public void Guard(string path)
    {
        const UnixFileMode OwnerAndGroup =
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;
        const uint SameOwner = uint.MaxValue;
        if (_group != NoGroup && Syscall.lchown(path, SameOwner, _group) != 0)
        {
            throw new IOException($"cannot give {path} to group {_group}: {Stdlib.GetLastError()}");
        }

        File.SetUnixFileMode(path, OwnerAndGroup);
    }

    /// <summary>Whether whoever is on the other end may ask.</summary>
    public bool May(Socket peer)
    {
        Span<uint> credentials = stackalloc uint[3]; // struct ucred: pid, uid, gid
        if (peer.GetRawSocketOption(SocketLevel, PeerCredentials, MemoryMarshal.AsBytes(credentials)) != 3 * sizeof(uint))
        {
            return false;
        }

        return credentials[1] == 0
            || credentials[1] == FileFacts.EffectiveUser
            || (_group != NoGroup && (credentials[2] == _group || Groups(peer).Contains(_group)));
    }

    private static uint[] Groups(Socket peer)
    {
        var groups = new uint[MaxGroups];
        try
        {
            var length = peer.GetRawSocketOption(SocketLevel, PeerGroups, MemoryMarshal.AsBytes(groups.AsSpan()));
            return groups[..(length / sizeof(uint))];
        }
        catch (SocketException)
        {
            // More groups than that, or a kernel before 4.13: only the first group counts.
            return [];
        }
    }
}
