using System.Text;
using System.Text.RegularExpressions;
using Google.Protobuf;

namespace Fleet.Coordinator.Actions;

/// <summary>Replaces "{host}" and "{policy}" in the paths of a policy. "{{" stands for a literal brace. Pure.</summary>
internal static partial class PathPlaceholders
{
    private const string Known = "{host} and {policy} are known, and a brace itself is written {{";

    /// <summary>Whether the path differs from host to host.</summary>
    public static bool NamesHost(string path) => Pieces().Matches(path).Any(static piece => piece.Value == "{host}");

    /// <summary>The path as it is on a host. Bytes that are not UTF-8 are kept.</summary>
    public static ByteString Expand(ByteString path, string host, string policy)
    {
        if (!path.Span.Contains((byte)'{'))
        {
            return path;
        }

        // Latin-1 maps every byte to one character and back.
        var expanded = Expand(Encoding.Latin1.GetString(path.Span), host, policy);
        return ByteString.CopyFrom(Encoding.Latin1.GetBytes(expanded));
    }

    /// <inheritdoc cref="Expand(ByteString, string, string)"/>
    public static string Expand(string path, string host, string policy) => Pieces().Replace(path, piece => piece.Value switch
    {
        "{host}" => host,
        "{policy}" => policy,
        "{{" => "{",
        _ => piece.Value,
    });

    /// <summary>What in the path would not do what was probably meant; null if there is nothing.</summary>
    public static string? Problem(string path)
    {
        if (ShellPattern().Match(path) is { Success: true } shell)
        {
            return $"\"{Shown(shell.Value)}\" would be taken literally, because there is no shell: write the path itself, with "
                + "{host} where hosts differ";
        }

        foreach (var piece in Pieces().Matches(path).Select(static match => match.Value))
        {
            if (piece is not ("{host}" or "{policy}" or "{{"))
            {
                return piece.EndsWith('}')
                    ? $"\"{Shown(piece)}\" is not a placeholder: {Known}"
                    : $"contains a \"{{\" that does not begin a placeholder: {Known}";
            }
        }

        return path.StartsWith('~') || path.Contains("/~/", StringComparison.Ordinal)
            ? "\"~\" is not a home folder here, because there is no shell: write it out, such as /root or /home/NAME"
            : null;
    }

    private static string Shown(string text) => text.Length <= 40 ? text : text[..40];

    [GeneratedRegex("\\{\\{|\\{[^{}/]*\\}|\\{")]
    private static partial Regex Pieces();

    [GeneratedRegex("\\$\\([^)]*\\)?|\\$\\{[^}]*\\}?|`[^`]*`|\\$(?:HOME|USER|LOGNAME|HOST|HOSTNAME|PWD|DATE)(?![A-Za-z0-9_])")]
    private static partial Regex ShellPattern();
}
