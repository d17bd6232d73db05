using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Grpc.Core;
using Microsoft.AspNetCore.Http;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>What a connection says about the peer.</summary>
internal static class PeerIdentity
{
    private const string SubjectAlternativeName = "x509_subject_alternative_name";
    private const string CommonName = "x509_common_name";

    public static string Address(ConnectionInfo connection)
    {
        if (connection.RemoteIpAddress is not { } address)
        {
            return "unknown";
        }

        return address.AddressFamily switch
        {
            AddressFamily.InterNetwork => $"ipv4:{new IPEndPoint(address, connection.RemotePort)}",
            AddressFamily.InterNetworkV6 => $"ipv6:{new IPEndPoint(address, connection.RemotePort)}",
            _ => $"unknown:{address}:{connection.RemotePort}",
        };
    }

    public static AuthContext Authentication(X509Certificate2? certificate)
    {
        var properties = new Dictionary<string, List<AuthProperty>>(StringComparer.Ordinal);
        if (certificate is null)
        {
            return new AuthContext(null, properties);
        }

        string? identity = null;
        var dnsNames = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>().SelectMany(e => e.EnumerateDnsNames()).ToList();
        if (dnsNames.Count > 0)
        {
            identity = SubjectAlternativeName;
            properties[SubjectAlternativeName] = [.. dnsNames.Select(name => Property(SubjectAlternativeName, name))];
        }

        var commonName = certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
        if (!string.IsNullOrEmpty(commonName))
        {
            identity ??= CommonName;
            properties[CommonName] = [Property(CommonName, commonName)];
        }

        return new AuthContext(identity, properties);
    }

    private static AuthProperty Property(string name, string value) => AuthProperty.Create(name, Encoding.UTF8.GetBytes(value));
}
