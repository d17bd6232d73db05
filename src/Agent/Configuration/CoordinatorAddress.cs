using System.Diagnostics.CodeAnalysis;

namespace Fleet.Agent.Configuration;

/// <summary>Where a coordinator listens.</summary>
internal static class CoordinatorAddress
{
    public const int DefaultPort = 7443;

    /// <summary>Takes "https://host:port", "host:port" and "host"; gives the first form.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out string? address)
    {
        address = null;
        var hasScheme = text.Contains("://", StringComparison.Ordinal);
        if (!Uri.TryCreate(hasScheme ? text : "https://" + text, UriKind.Absolute, out var uri)
            || uri.Scheme != Uri.UriSchemeHttps
            || uri.Host.Length == 0
            || uri.PathAndQuery != "/"
            || uri.UserInfo.Length > 0)
        {
            return false;
        }

        // Uri fills in 443 and cannot tell it from one that was written.
        var authority = (hasScheme ? text["https://".Length..] : text).TrimEnd('/');
        var portIsWritten = authority.LastIndexOf(':') > authority.LastIndexOf(']');
        address = $"https://{uri.Host}:{(portIsWritten ? uri.Port : DefaultPort)}";
        return true;
    }
}
