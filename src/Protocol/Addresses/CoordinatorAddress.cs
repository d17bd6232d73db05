using System.Diagnostics.CodeAnalysis;

namespace Fleet.Protocol.Addresses;

/// <summary>Where a coordinator listens, as people write it.</summary>
public static class CoordinatorAddress
{
    public const int DefaultPort = 7443;

    /// <summary>Takes "https://host:port", "https://host", "host:port" and "host"; gives the first form. Without a port: 7443.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out string? address) => TryParse(text, out address, out _);

    /// <inheritdoc cref="TryParse(string, out string)"/>
    /// <param name="problem">What is wrong and what to write instead, to go on after a colon. Empty: nothing.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out string? address, out string problem)
    {
        ArgumentNullException.ThrowIfNull(text);
        (address, problem) = (null, "");
        var hasScheme = text.Contains("://", StringComparison.Ordinal);
        if (!Uri.TryCreate(hasScheme ? text : "https://" + text, UriKind.Absolute, out var uri) || uri.Host.Length == 0)
        {
            problem = $"it has no host: write https://HOST, or https://HOST:PORT where the port is not {DefaultPort}";
        }
        else if (uri.Scheme == Uri.UriSchemeHttp)
        {
            problem = "a coordinator takes commands over TLS alone; its plain HTTP port is for probes and metrics: write "
                + $"https://{uri.Host}:{DefaultPort}, or the port that its listen names";
        }
        else if (uri.Scheme != Uri.UriSchemeHttps)
        {
            problem = $"{uri.Scheme}:// is not how a coordinator is spoken to: write https://{uri.Host}:{DefaultPort}";
        }
        else if (uri.PathAndQuery != "/" || uri.UserInfo.Length > 0 || uri.Fragment.Length > 0)
        {
            problem = $"only host and port belong there: write https://{uri.Host}:{DefaultPort}";
        }
        else
        {
            // Uri fills in 443 and cannot tell it from one that was written.
            var authority = (hasScheme ? text["https://".Length..] : text).TrimEnd('/');
            var portIsWritten = authority.LastIndexOf(':') > authority.LastIndexOf(']');
            address = $"https://{uri.Host}:{(portIsWritten ? uri.Port : DefaultPort)}";
        }

        return address is not null;
    }
}
