namespace Fleet.Agent.Configuration;

/// <summary>Which agent.yaml holds.</summary>
/// <param name="IsNamed">Somebody named it, so it must be there: a name that is mistyped must not mean the defaults.</param>
internal readonly record struct ConfigurationFile(string Path, bool IsNamed)
{
    /// <param name="named">Null if nobody named one.</param>
    public static ConfigurationFile Of(string? named) => new(named ?? AgentOptions.DefaultFile, named is not null);

    /// <summary>
    /// The default file, and this user may not read it: somebody of the group that may ask the agent, for whom the default socket is the
    /// one.
    /// </summary>
    public bool IsForOthers
    {
        get
        {
            try
            {
                if (!IsNamed)
                {
                    using var file = File.OpenHandle(Path);
                }

                return false;
            }
            catch (UnauthorizedAccessException)
            {
                return true;
            }
            catch (IOException)
            {
                return false;
            }
        }
    }

    public override string ToString() => Path;
}
