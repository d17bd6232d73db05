namespace Fleet.Coordinator.Grains;

/// <summary>Whether a session may begin, and what it begins with.</summary>
/// <param name="Refusal">Null if the session is admitted.</param>
/// <param name="OutboxId">The outbox that the acknowledgement is about.</param>
/// <param name="OutboxSequence">Everything in it up to here is committed.</param>
/// <param name="Messages">What is sent to the agent after the Welcome: its assignment and notices.</param>
[GenerateSerializer, Immutable, Alias("fleet.SessionAdmission")]
internal sealed record SessionAdmission(
    [property: Id(0)] SessionEnd? Refusal,
    [property: Id(1)] string OutboxId,
    [property: Id(2)] long OutboxSequence,
    [property: Id(3)] IReadOnlyList<OutgoingMessage> Messages)
{
    public static SessionAdmission Refused(SessionEnd refusal) => new(refusal, "", 0, []);
}
