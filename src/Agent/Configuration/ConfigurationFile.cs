namespace Fleet.Agent.Configuration;

/// <summary>Which agent.yaml holds.</summary>
/// <param name="IsNamed">Somebody named it, so it must be there: a name that is mistyped must not mean the defaults.</param>
internal readonly record struct ConfigurationFile(string Path, bool IsNamed)
{
    /// <param name="named">Null: nobody named one.</param>
    public static ConfigurationFile Of(string? named) => new(named ?? AgentOptions.DefaultFile, named is not null);

    public override string ToString() => Path;
}
