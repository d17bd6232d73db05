using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Fleet.Coordinator.Configuration;

/// <summary>The names and addresses under which agents and operators may reach the coordinator.</summary>
internal sealed record ServerNames(IReadOnlyList<string> DnsNames, IReadOnlyList<IPAddress> Addresses)
{
    /// <summary>A machine with hundreds of bridge addresses must not get a certificate that is too large for a handshake.</summary>
    private const int MaxAddresses = 64;
    private static readonly TimeSpan LookupTimeout = TimeSpan.FromSeconds(2);

    /// <summary>The configured names, this machine's own names and addresses, and loopback.</summary>
    public static async Task<ServerNames> CollectAsync(IEnumerable<string> configured)
    {
        var names = new SortedSet<string>(StringComparer.OrdinalIgnoreCase);
        var addresses = new List<IPAddress> { IPAddress.Loopback, IPAddress.IPv6Loopback };
        foreach (var name in configured)
        {
            if (IPAddress.TryParse(name, out var address))
            {
                addresses.Add(address);
            }
            else
            {
                AddName(names, name);
            }
        }

        AddName(names, "localhost");
        AddName(names, Environment.MachineName);
        AddName(names, Dns.GetHostName()); // The full name, not cut at its first dot.
        AddName(names, await FullNameAsync());
        addresses.AddRange(OwnAddresses());
        var distinct = addresses
            .Select(static address => new IPAddress(address.GetAddressBytes())) // Drops the scope of link-local addresses.
            .Distinct()
            .Take(MaxAddresses)
            .ToList();
        return new ServerNames([.. names], distinct);
    }

    public bool SameAs(ServerNames other) =>
        DnsNames.SequenceEqual(other.DnsNames, StringComparer.OrdinalIgnoreCase)
        && Addresses.ToHashSet().SetEquals(other.Addresses);

    public override string ToString() => string.Join(", ", DnsNames.Concat(Addresses.Select(static address => address.ToString())));

    private static void AddName(SortedSet<string> names, string name)
    {
        if (Uri.CheckHostName(name) == UriHostNameType.Dns)
        {
            names.Add(name.ToLowerInvariant());
        }
    }

    private static async Task<string> FullNameAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(LookupTimeout);
            var entry = await Dns.GetHostEntryAsync(Environment.MachineName, limit.Token).WaitAsync(limit.Token);
            return entry.HostName;
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ArgumentException)
        {
            return ""; // Start even without a name service.
        }
    }

    private static IEnumerable<IPAddress> OwnAddresses()
    {
        try
        {
            return [.. NetworkInterface.GetAllNetworkInterfaces()
                .SelectMany(static nic => nic.GetIPProperties().UnicastAddresses)
                .Select(static unicast => unicast.Address)
                .Where(static address => !address.IsIPv6LinkLocal)
                .OrderBy(static address => address.ToString(), StringComparer.Ordinal)];
        }
        catch (NetworkInformationException)
        {
            return [];
        }
    }
}
