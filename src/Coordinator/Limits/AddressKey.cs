using System.Net;
using System.Net.Sockets;

namespace Fleet.Coordinator.Limits;

/// <summary>The key that distinguishes strangers: the address, or with IPv6 the /64, which one machine has to itself.</summary>
internal static class AddressKey
{
    public static string Of(IPAddress? address)
    {
        if (address is null)
        {
            return "";
        }

        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4().ToString();
        }

        return address.AddressFamily == AddressFamily.InterNetworkV6
            ? Convert.ToHexString(address.GetAddressBytes().AsSpan(0, 8))
            : address.ToString();
    }
}
