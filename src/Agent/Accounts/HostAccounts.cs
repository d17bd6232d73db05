using Fleet.Agent.Logging;
using Mono.Unix.Native;

namespace Fleet.Agent.Accounts;

/// <summary>
/// Users and groups as this host's name services know them (nsswitch.conf). They may ask a server on the network: only for messages and
/// when something is set up, never where something waits.
/// </summary>
internal static class HostAccounts
{
    /// <summary>Such as "user backup (34)"; the number alone where it has no name. Safe to show.</summary>
    public static string User(uint id) => Syscall.getpwuid(id) is { } user ? $"user {LogText.Escape(user.pw_name)} ({id})" : $"user {id}";

    /// <summary>Number of a group. Null if there is none of that name.</summary>
    public static uint? Group(string name) => Syscall.getgrnam(name)?.gr_gid;
}
