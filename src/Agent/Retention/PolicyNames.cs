namespace Fleet.Agent.Retention;

/// <summary>Which names policies have: PolicySpec.name.</summary>
internal static class PolicyNames
{
    private const int MaxLength = 63;

    public static bool IsPolicy(string name) =>
        name.Length is > 0 and <= MaxLength && char.IsAsciiLetterLower(name[0]) && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');
}
