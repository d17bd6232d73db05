using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Policies;

/// <summary>The state of one policy on one host, as stored.</summary>
/// <param name="AssignedAt">Since when the policy applies to the host and may run there.</param>
/// <param name="CoveredUntil">The newest scheduled instant that was covered.</param>
/// <param name="LastSuccessAt">Start of the newest success. Null if never.</param>
/// <param name="LastFailed">Whether the newest finished run was tried and did not succeed.</param>
/// <param name="Announced">The state that the newest event reported.</param>
/// <param name="LastFinishedAt">End of the newest run that was tried. Null if there is none.</param>
/// <param name="CheckAt">When the state next changes just because time passes.</param>
internal sealed record PolicyHostRow(
    string Policy,
    string HostId,
    string HostName,
    DateTimeOffset AssignedAt,
    DateTimeOffset CoveredUntil,
    DateTimeOffset? LastSuccessAt,
    string LastRunId,
    bool LastFailed,
    ProtectionState State,
    DateTimeOffset Since,
    ProtectionState Announced,
    DateTimeOffset? LastFinishedAt,
    DateTimeOffset CheckAt);
