using System.Net;

namespace Fleet.Cli.Admin;

/// <summary>The coordinator's address as other hosts can use it: what this program called may be right on this machine alone.</summary>
internal static class AddressForOthers
{
    private const string Placeholder = "COORDINATOR";

    public static string Of(Uri called) => called.IsLoopback ? $"https://{Placeholder}:{called.Port}" : $"https://{called.Host}:{called.Port}";

    /// <summary>What to put in the placeholder's place; empty where there is none.</summary>
    public static string Explanation(Uri called) => called.IsLoopback
        ? $"  {Placeholder}: the name or address by which that host reaches this machine, which calls itself {Dns.GetHostName()}; {called.Host} is itself, on every host. It must be one of the coordinator's server_names"
        : "";
}
