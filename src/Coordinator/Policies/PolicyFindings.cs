using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Policies;

/// <summary>What a check of policies found.</summary>
/// <param name="Violations">What is refused. Empty: all may be applied.</param>
/// <param name="Warnings">What is allowed but probably not meant, by the policy's index.</param>
internal sealed record PolicyFindings(
    IReadOnlyList<FieldViolation> Violations, IReadOnlyDictionary<int, List<string>> Warnings)
{
    /// <summary>Together with what another check found.</summary>
    public PolicyFindings With(IReadOnlyList<FieldViolation> violations, IReadOnlyList<(int Index, string Warning)> warnings)
    {
        var all = Warnings.ToDictionary(static entry => entry.Key, static entry => entry.Value.ToList());
        foreach (var (index, warning) in warnings)
        {
            if (!all.TryGetValue(index, out var list))
            {
                all.Add(index, list = []);
            }

            list.Add(warning);
        }

        return new PolicyFindings([.. Violations, .. violations], all);
    }
}
