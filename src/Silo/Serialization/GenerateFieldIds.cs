namespace Orleans;

/// <summary>When member ids are given automatically.</summary>
public enum GenerateFieldIds
{
    /// <summary>Never: members name their ids.</summary>
    None = 0,

    /// <summary>For every public property.</summary>
    PublicProperties = 1,
}
