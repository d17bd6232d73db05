namespace Fleet.Cli.Naming;

/// <summary>The kind of thing that an argument or option names and the coordinator knows.</summary>
internal enum NameKind
{
    Host,
    Policy,
    Run,
    Token,
    Operator,
}

internal static class NameKinds
{
    /// <summary>The command that lists everything of this kind.</summary>
    public static string Lister(this NameKind kind) => kind switch
    {
        NameKind.Host => "fleet hosts",
        NameKind.Policy => "fleet policies",
        NameKind.Run => "fleet runs",
        NameKind.Token => "fleet token list",
        _ => "fleet operator list",
    };
}
