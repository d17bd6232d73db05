using Fleet.Protocol.V1;

namespace Fleet.Coordinator.Policies;

/// <summary>The findings of a check of policies.</summary>
/// <param name="Violations">What is refused. If empty, all may be applied.</param>
/// <param name="Warnings">What is allowed but probably not meant, by the policy's index.</param>
internal sealed record PolicyFindings(
    IReadOnlyList<FieldViolation> Violations, IReadOnlyDictionary<int, List<string>> Warnings)
{
    /// <summary>Combines these findings with those of another check.</summary>
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
