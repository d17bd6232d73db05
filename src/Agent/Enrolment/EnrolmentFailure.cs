namespace Fleet.Agent.Enrolment;

/// <summary>An enrolment did not work; the message says what to do.</summary>
internal sealed class EnrolmentFailure(string message) : Exception(message)
{
    /// <summary>Another host has the name.</summary>
    public bool IsNameTaken { get; init; }
}
