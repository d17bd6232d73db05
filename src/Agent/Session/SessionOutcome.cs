namespace Fleet.Agent.Session;

/// <summary>Why a session ended, and when to come back.</summary>
internal enum SessionOutcome
{
    /// <summary>The connection failed or went dead: try the next address, with growing pauses.</summary>
    Lost,

    /// <summary>The coordinator stops or asked for it, or this agent has a new certificate: come back soon.</summary>
    ComeBack,

    /// <summary>The coordinator will not have this agent until a person does something: come back after minutes.</summary>
    Refused,
}
