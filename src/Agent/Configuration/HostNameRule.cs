using Fleet.Protocol.Edge;

namespace Fleet.Agent.Configuration;

/// <summary>Names of hosts, as EnrollRequest.host_name says.</summary>
internal static class HostNameRule
{
    public const string Says = "a host name has 1 to 253 of a-z, 0-9, '-' and '.', and starts with a letter or digit";

    public static bool IsValid(string name) => WireNames.IsHost(name);

    /// <summary>The host's own name, made to fit; "host" when nothing of it fits.</summary>
    public static string OfThisHost(string hostName)
    {
        var characters = hostName.ToLowerInvariant()
            .Select(c => c == '_' ? '-' : c)
            .Where(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '.');
        var name = new string([.. characters]).TrimStart('-', '.');
        return IsValid(name) ? name : "host";
    }
}
