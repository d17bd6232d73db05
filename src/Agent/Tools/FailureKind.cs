namespace Fleet.Agent.Tools;

/// <summary>What went wrong with a transfer or a connection, as far as the messages tell.</summary>
internal enum FailureKind
{
    /// <summary>Only an exit code, or a message that no recorded release prints: it is shown, not explained.</summary>
    Unknown,

    /// <summary>The other host shows another key than the one that is known.</summary>
    HostKeyChanged,

    HostKeyUnknown,

    /// <summary>The private key cannot be used: readable by others, missing, damaged, or with a passphrase.</summary>
    KeyFileUnusable,

    /// <summary>The other host did not take the key for this account.</summary>
    NotLetIn,

    /// <summary>The host's name has no address, or names cannot be resolved now.</summary>
    NameUnknown,

    /// <summary>The connection could not be established.</summary>
    NotReachable,

    /// <summary>What answers is something else, or has no algorithm in common with this side.</summary>
    WrongPeer,

    /// <summary>A connection that was there is gone.</summary>
    ConnectionLost,

    /// <summary>The other side ended before the transfer began, and nobody said why.</summary>
    ClosedInSilence,

    /// <summary>The other side's shell prints something where only the protocol may be.</summary>
    ShellPrints,

    /// <summary>The other side's shell does not run commands.</summary>
    NoShell,

    /// <summary>The other side lacks the program.</summary>
    ToolMissing,

    /// <summary>The other side, its configuration or the command that it ties to the key, does not allow this.</summary>
    Refused,

    /// <summary>As many connections as the other side takes.</summary>
    TooManyConnections,

    /// <summary>The password file cannot be used.</summary>
    PasswordFileUnusable,

    /// <summary>User or password.</summary>
    PasswordRefused,

    /// <summary>One of the two versions of the tool does not know an option.</summary>
    OptionUnknown,

    SourceUnusable,

    DestinationUnusable,

    /// <summary>No room, or a quota.</summary>
    DiskFull,

    ReadOnly,

    /// <summary>Some entries could not be read or written.</summary>
    SomeEntries,

    DeletionsStopped,
}
