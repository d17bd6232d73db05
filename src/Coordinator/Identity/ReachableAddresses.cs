using System.Net;
using System.Net.Sockets;
using Fleet.Coordinator.Configuration;

namespace Fleet.Coordinator.Identity;

/// <summary>
/// Finds the addresses to give to `fleet-agent enroll`: the one that the caller uses may be a tunnel or loopback, which no host can use.
/// Pure.
/// </summary>
internal static class ReachableAddresses
{
    private const int Most = 8;

    /// <returns>
    /// Addresses as "https://name:port": first the names that the administrator configured, then full names, short names and addresses.
    /// Never loopback.
    /// </returns>
    public static IReadOnlyList<string> Of(CoordinatorOptions options, ServerNames names)
    {
        var open = options.Listen.Where(static endPoint => !IPAddress.IsLoopback(endPoint.Address)).ToList();
        if (open.Count == 0)
        {
            // Behind a proxy or a forwarded port, only names that the administrator configured can be right.
            return [.. options.ServerNames.Where(static name => !IsLocal(name)).Distinct(StringComparer.OrdinalIgnoreCase)
                .Select(name => Url(name, options.Listen[0].Port)).Take(Most)];
        }

        var everywhere = open.Any(static endPoint => endPoint.Address.Equals(IPAddress.Any) || endPoint.Address.Equals(IPAddress.IPv6Any));
        var addresses = names.Addresses
            .Where(address => everywhere ? !IPAddress.IsLoopback(address) : open.Any(endPoint => endPoint.Address.Equals(address)))
            .OrderBy(static address => address.AddressFamily == AddressFamily.InterNetwork ? 0 : 1)
            .Select(static address => address.ToString());
        return
        [
            .. options.ServerNames
                .Concat(names.DnsNames.OrderBy(static name => name.Contains('.') ? 0 : 1))
                .Concat(addresses)
                .Where(static name => !IsLocal(name))
                .Distinct(StringComparer.OrdinalIgnoreCase)
                .Select(name => Url(name, open[0].Port))
                .Take(Most),
        ];
    }

    private static bool IsLocal(string name) =>
        name.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || name.StartsWith("localhost.", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(name, out var address) && IPAddress.IsLoopback(address));

    private static string Url(string name, int port) =>
        IPAddress.TryParse(name, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6
            ? $"https://[{name}]:{port}"
            : $"https://{name}:{port}";
}
