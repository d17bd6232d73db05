namespace Fleet.Agent.Enrolment;

/// <param name="Force">Replaces an identity that is there already.</param>
internal sealed record EnrolmentRequest(
    Uri Address,
    JoinToken Token,
    string HostName,
    IReadOnlyDictionary<string, string> Labels,
    bool Force);
