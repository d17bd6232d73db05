namespace Fleet.Yaml;

/// <summary>What stands behind a key.</summary>
public enum YamlKind
{
    /// <summary>The key is absent.</summary>
    Absent,

    /// <summary>The key is there without a value, or with <c>null</c> or <c>~</c>.</summary>
    Null,

    /// <summary>Text, a number, true or false.</summary>
    Scalar,

    /// <summary>A list.</summary>
    List,

    /// <summary>Keys with values.</summary>
    Mapping,
}

internal abstract record YamlNode(int Line, int Column)
{
    public abstract YamlKind Kind { get; }

    /// <summary>What it is, for messages.</summary>
    public string Describe() => Kind switch
    {
        YamlKind.Null => "nothing",
        YamlKind.List => "a list",
        YamlKind.Mapping => "a mapping",
        _ => "a single value",
    };
}

internal sealed record YamlScalarNode(int Line, int Column, string Value, bool Plain, bool Binary) : YamlNode(Line, Column)
{
    /// <summary>As the YAML 1.2 core schema has it.</summary>
    public override YamlKind Kind => Plain && (Value is "" or "~" or "null" or "Null" or "NULL") ? YamlKind.Null : YamlKind.Scalar;
}

internal sealed record YamlListNode(int Line, int Column, IReadOnlyList<YamlNode> Items) : YamlNode(Line, Column)
{
    public override YamlKind Kind => YamlKind.List;
}

internal sealed record YamlMappingNode(int Line, int Column, IReadOnlyList<YamlEntry> Entries) : YamlNode(Line, Column)
{
    public override YamlKind Kind => YamlKind.Mapping;

    public YamlEntry? Find(string key) => Entries.FirstOrDefault(e => e.Key == key);
}

internal sealed record YamlEntry(string Key, int Line, int Column, YamlNode Value);
