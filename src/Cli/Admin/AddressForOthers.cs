using System.Net;

namespace Fleet.Cli.Admin;

/// <summary>The coordinator's address as other hosts can use it: the one that this program called may work only on this machine.</summary>
/// <param name="Best">To paste after <c>fleet-agent enroll</c>.</param>
/// <param name="Explanation">What to do if that address is wrong; one sentence.</param>
internal sealed record AddressForOthers(string Best, string Explanation)
{
    private const string Placeholder = "COORDINATOR";

    /// <param name="reported">The addresses that the coordinator reports for itself, best first. Empty from an older coordinator.</param>
    public static AddressForOthers Of(IReadOnlyList<string> reported, Uri called)
    {
        if (reported.Count > 0)
        {
            return new AddressForOthers(
                reported[0],
                reported.Count == 1
                    ? "Any other name that the host uses for it must be one of the coordinator's server_names."
                    : $"If the host cannot reach that, try: {string.Join(", ", reported.Skip(1))}.");
        }

        return called.IsLoopback
            ? new AddressForOthers(
                $"https://{Placeholder}:{called.Port}",
                $"{Placeholder} is the name or address by which that host reaches this machine, which is called {Dns.GetHostName()}; on "
                    + $"every host, {called.Host} is that host itself. It must be one of the coordinator's server_names.")
            : new AddressForOthers($"https://{called.Host}:{called.Port}", "It must be one of the coordinator's server_names.");
    }
}
