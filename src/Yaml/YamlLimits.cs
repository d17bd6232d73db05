namespace Fleet.Yaml;

/// <summary>Bounds on what is read at all: files come from people and programs that may be wrong or hostile.</summary>
internal static class YamlLimits
{
    public const int TextLength = 8 * 1024 * 1024;
    public const int Depth = 32;
    public const int Nodes = 200_000;
    public const int Documents = 10_000;
    public const int ScalarLength = 1024 * 1024;
    public const int KeyLength = 1024;
}
