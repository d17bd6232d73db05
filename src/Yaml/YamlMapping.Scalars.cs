using System.Globalization;

namespace Fleet.Yaml;

/// <content>Values that are one text each.</content>
public sealed partial class YamlMapping
{
    /// <summary>The text of a scalar, as written. Null if absent, or a problem.</summary>
    public string? String(string key) => Find(key) is { } node ? ScalarText(node, key, "text") : null;

    /// <summary>As <see cref="String"/>; absent or empty is a problem, and the result is then "".</summary>
    public string RequiredString(string key)
    {
        var node = Find(key);
        if (node is null)
        {
            Problem(key, "is required");
            return "";
        }

        var text = ScalarText(node, key, "text");
        if (text is "")
        {
            Problem(key, "must not be empty");
        }

        return text ?? "";
    }

    /// <summary>Text as UTF-8, or with the tag <c>!!binary</c> the bytes that the base64 stands for.</summary>
    public byte[]? Bytes(string key)
    {
        if (Find(key) is not YamlScalarNode { Binary: true } node)
        {
            return String(key) is { } text ? System.Text.Encoding.UTF8.GetBytes(text) : null;
        }

        try
        {
            return Convert.FromBase64String(node.Value);
        }
        catch (FormatException)
        {
            Problem(key, "is tagged !!binary but is not base64");
            return null;
        }
    }

    /// <summary>A whole number within [min, max].</summary>
    public long? Integer(string key, long min, long max)
    {
        if (PlainText(key, "a whole number") is not { } text)
        {
            return null;
        }

        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
        {
            Problem(key, $"must be a whole number, not {SafeQuote.Value(text)}");
            return null;
        }

        return Within(key, value, min, max, max == long.MaxValue, v => v.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary><c>true</c> or <c>false</c>.</summary>
    public bool? Boolean(string key)
    {
        switch (PlainText(key, "true or false"))
        {
            case null:
                return null;
            case "true":
                return true;
            case "false":
                return false;
            case var text:
                Problem(key, $"must be true or false, not {SafeQuote.Value(text)}");
                return null;
        }
    }

    /// <summary>A duration within [min, max]; see <see cref="DurationText"/>.</summary>
    public TimeSpan? Duration(string key, TimeSpan min, TimeSpan max)
    {
        if (String(key) is not { } text)
        {
            return null;
        }

        if (!DurationText.TryParse(text, out var value))
        {
            Problem(key, text.Length > 0 && text.All(char.IsAsciiDigit)
                ? $"needs a unit: {text}s, {text}m, {text}h or {text}d"
                : $"must be a duration such as 15s, 10m, 6h, 90d or 1h30m, not {SafeQuote.Value(text)}");
            return null;
        }

        return Within(key, value, min, max, max == TimeSpan.MaxValue, DurationText.Format);
    }

    /// <summary>A size in bytes within [min, max]; see <see cref="SizeText"/>.</summary>
    public long? SizeBytes(string key, long min, long max)
    {
        if (String(key) is not { } text)
        {
            return null;
        }

        if (!SizeText.TryParse(text, out var value))
        {
            Problem(key, $"must be a size such as 512KiB, 10MiB, 1GB or a number of bytes, not {SafeQuote.Value(text)}");
            return null;
        }

        return Within(key, value, min, max, max == long.MaxValue, SizeText.Format);
    }

    private string? ScalarText(YamlNode node, string key, string wanted)
    {
        switch (node)
        {
            case YamlScalarNode { Kind: YamlKind.Null }:
                Problem(key, $"has no value: write {wanted}, or remove the key");
                return null;
            case YamlScalarNode { Binary: true }:
                Problem(key, "does not take !!binary");
                return null;
            case YamlScalarNode scalar:
                return scalar.Value;
            default:
                Problem(key, $"must be {wanted}, not {node.Describe()}");
                return null;
        }
    }

    private string? PlainText(string key, string wanted)
    {
        var node = Find(key);
        if (node is null || ScalarText(node, key, wanted) is not { } text)
        {
            return null;
        }

        if (node is YamlScalarNode { Plain: false })
        {
            Problem(key, $"is text: write {wanted} without quotes");
            return null;
        }

        return text;
    }

    private T? Within<T>(string key, T value, T min, T max, bool unbounded, Func<T, string> format)
        where T : struct, IComparable<T>
    {
        if (value.CompareTo(min) >= 0 && value.CompareTo(max) <= 0)
        {
            return value;
        }

        Problem(key, unbounded
            ? $"must be at least {format(min)}, not {format(value)}"
            : $"must be between {format(min)} and {format(max)}, not {format(value)}");
        return null;
    }
}
