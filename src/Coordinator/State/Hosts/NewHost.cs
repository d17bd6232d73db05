using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Hosts;

/// <summary>A host that enrols.</summary>
/// <param name="HostId">A new UUID, lower case with dashes.</param>
/// <param name="Name">Unique among hosts that were not removed.</param>
/// <param name="Labels">The labels that it starts with.</param>
internal sealed record NewHost(
    string HostId,
    string Name,
    IReadOnlyDictionary<string, string> Labels,
    HostFacts? Facts,
    DateTimeOffset CertificateExpiresAt,
    string Address);
