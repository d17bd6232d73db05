using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Policies;

/// <summary>What a check of policies found.</summary>
/// <param name="Violations">What is refused. Empty: all may be applied.</param>
/// <param name="Warnings">What is allowed but probably not meant, by the policy's index.</param>
internal sealed record PolicyFindings(
    IReadOnlyList<FieldViolation> Violations, IReadOnlyDictionary<int, List<string>> Warnings);
