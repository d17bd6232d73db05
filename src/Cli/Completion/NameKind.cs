namespace Fleet.Cli.Completion;

/// <summary>What an argument or option names, of what the coordinator knows.</summary>
internal enum NameKind
{
    Host,
    Policy,
    Run,
}
