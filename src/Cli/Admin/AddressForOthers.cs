using System.Net;

namespace Fleet.Cli.Admin;

/// <summary>The coordinator's address as other hosts can use it: what this program called may be right on this machine alone.</summary>
/// <param name="Best">To paste behind <c>fleet-agent enroll</c>.</param>
/// <param name="Explanation">What to do when it is not the right one; one sentence.</param>
internal sealed record AddressForOthers(string Best, string Explanation)
{
    private const string Placeholder = "COORDINATOR";

    /// <param name="told">What the coordinator says of itself, best first. Older ones say nothing.</param>
    public static AddressForOthers Of(IReadOnlyList<string> told, Uri called)
    {
        if (told.Count > 0)
        {
            return new AddressForOthers(
                told[0],
                told.Count == 1
                    ? "Another name that the host knows it by must be one of the coordinator's server_names."
                    : $"Where the host does not reach that: {string.Join(", ", told.Skip(1))}.");
        }

        return called.IsLoopback
            ? new AddressForOthers(
                $"https://{Placeholder}:{called.Port}",
                $"{Placeholder}: the name or address by which that host reaches this machine, which calls itself {Dns.GetHostName()}; "
                    + $"{called.Host} is itself, on every host. It must be one of the coordinator's server_names.")
            : new AddressForOthers($"https://{called.Host}:{called.Port}", "It must be one of the coordinator's server_names.");
    }
}
