using Fleet.Coordinator.Errors;
using Fleet.Coordinator.Grains;
using Fleet.Coordinator.State.Events;
using Fleet.Coordinator.State.Hosts;
using Fleet.Coordinator.State.Policies;
using Fleet.Coordinator.State.Runs;
using Fleet.Coordinator.State.Scheduling;
using Fleet.Coordinator.Storage;
using Fleet.Protocol.V1;
using Grpc.Core;

namespace Fleet.Coordinator.Policies;

/// <summary>Creates, changes and deletes policies, and notifies the grains concerned.</summary>
internal sealed class PolicyApplier(FleetStore store, IGrainFactory grains)
{
    /// <summary>Applies all or none. Applying unchanged policies changes nothing.</summary>
    /// <exception cref="RpcException">Something is invalid; the error lists everything that is.</exception>
    public async Task<ApplyPoliciesResponse> ApplyAsync(ApplyPoliciesRequest request, string by, CancellationToken cancellationToken)
    {
        if (request.DryRun)
        {
            return await store.ReadAsync(
                reader =>
                {
                    var response = new ApplyPoliciesResponse();
                    response.Changes.AddRange(Plan(reader, request.Policies).Select(plan => plan.Change));
                    return response;
                },
                cancellationToken);
        }

        var affectedHosts = new HashSet<string>(StringComparer.Ordinal);
        var changes = await store.WriteAsync(
            transaction =>
            {
                var plans = Plan(transaction, request.Policies);
                foreach (var (change, before, spec) in plans)
                {
                    if (change.Kind != PolicyChangeKind.Unchanged)
                    {
                        affectedHosts.UnionWith(Save(transaction, change, before, spec, by));
                    }
                }

                return plans.Select(plan => plan.Change).ToList();
            },
            cancellationToken);
        await TellAsync(changes.Where(c => c.Kind != PolicyChangeKind.Unchanged).Select(c => c.Name), affectedHosts);
        var result = new ApplyPoliciesResponse();
        result.Changes.AddRange(changes);
        return result;
    }

    /// <summary>Deletes a policy; its waiting runs expire, its running ones continue.</summary>
    public async Task<DeletePolicyResponse> DeleteAsync(string name, string by, CancellationToken cancellationToken)
    {
        IReadOnlyCollection<string> hosts = [];
        var response = await store.WriteAsync(
            transaction =>
            {
                if (PolicyStore.Find(transaction, name) is not { } policy)
                {
                    return new DeletePolicyResponse();
                }

                var remains = PolicyRemains.Of(policy.Spec, [.. ProtectionStore.OfPolicy(transaction, name).Select(row => row.HostName)]);
                var running = RunStore.CountActive(transaction, name);

                (hosts, var expired) = Assignments.PolicyDeleted(transaction, name);
                PolicyStore.Delete(transaction, name);
                EventAppender.Append(transaction, new NewEvent(EventTypes.PolicyDeleted, EventSeverity.Info, $"{name} deleted by {by}")
                {
                    Policy = name,
                    Attributes = new Dictionary<string, string> { ["by"] = by },
                });
                return new DeletePolicyResponse
                {
                    Deleted = true,
                    ExpiredRuns = expired,
                    RunningRuns = (int)running,
                    Remains = { remains },
                };
            },
            cancellationToken);
        if (response.Deleted)
        {
            await TellAsync([name], hosts);
        }

        return response;
    }

    /// <summary>Notifies grains that what they know of the store is out of date.</summary>
    public async Task TellAsync(IEnumerable<string> policies, IEnumerable<string> hosts) =>
        await Task.WhenAll(
        [
            .. policies.Select(name => grains.GetGrain<IPolicyGrain>(name).RefreshAsync()),
            .. hosts.Select(id => grains.GetGrain<IHostGrain>(id).AssignmentChangedAsync()),
        ]);

    private static List<(PolicyChange Change, PolicySpec? Before, PolicySpec Spec)> Plan(
        StoreReader reader, Google.Protobuf.Collections.RepeatedField<PolicySpec> specs)
    {
        if (specs.Count == 0)
        {
            throw FleetError.InvalidArgument("policies", "is empty: there is nothing to apply");
        }

        var hosts = HostStore.All(reader);
        var findings = PolicyValidator.Validate(specs, hosts.Select(host => host.Name).ToHashSet(StringComparer.Ordinal));
        if (findings.Violations.Count == 0)
        {
            // Only policies that are valid by themselves can be compared.
            var (violations, warnings) = DestinationRules.Check(
                specs,
                [.. PolicyStore.All(reader).Select(policy => policy.Spec)],
                HostStore.LabelsByName(reader));
            findings = findings.With(violations, warnings);
        }

        if (findings.Violations.Count > 0)
        {
            var first = findings.Violations[0];
            throw FleetError.Create(
                StatusCode.InvalidArgument,
                Reason.PolicyInvalid,
                findings.Violations.Count == 1
                    ? $"{first.Field}: {first.Message}"
                    : $"{findings.Violations.Count} fields are refused, the first: {first.Field}: {first.Message}",
                "correct the fields and apply again; nothing was changed",
                findings.Violations);
        }

        var plans = new List<(PolicyChange, PolicySpec?, PolicySpec)>(specs.Count);
        for (var i = 0; i < specs.Count; i++)
        {
            var spec = specs[i];
            var known = PolicyStore.Find(reader, spec.Name);
            var kind = known is null ? PolicyChangeKind.Created
                : known.Spec.Equals(spec) ? PolicyChangeKind.Unchanged
                : PolicyChangeKind.Updated;
            var change = new PolicyChange
            {
                Name = spec.Name,
                Kind = kind,
                Revision = kind == PolicyChangeKind.Unchanged ? known!.Revision : (known?.Revision ?? 0) + 1,
            };
            change.Hosts.AddRange(hosts.Where(h => PolicyRules.Applies(spec.Target, h.Name, h.Labels)).Select(h => h.Name));
            if (kind != PolicyChangeKind.Unchanged)
            {
                change.Fields.AddRange(PolicyDiff.Between(known?.Spec, spec));
            }

            if (findings.Warnings.TryGetValue(i, out var warnings))
            {
                change.Warnings.AddRange(warnings);
            }

            if (change.Hosts.Count == 0)
            {
                change.Warnings.Add("the target matches no host now; the policy waits for one that has these labels");
            }

            plans.Add((change, known?.Spec, spec));
        }

        return plans;
    }

    private static IReadOnlyCollection<string> Save(
        StoreTransaction transaction, PolicyChange change, PolicySpec? before, PolicySpec spec, string by)
    {
        PolicyStore.Save(transaction, spec, change.Revision, by);
        var hosts = Assignments.PolicyChanged(transaction, before, spec);
        var (type, what) = before is null ? (EventTypes.PolicyCreated, "created") : (EventTypes.PolicyUpdated, "changed");
        EventAppender.Append(transaction, new NewEvent(type, EventSeverity.Info, $"{spec.Name} {what} by {by}")
        {
            Policy = spec.Name,
            Attributes = new Dictionary<string, string>
            {
                ["by"] = by,
                ["revision"] = change.Revision.ToString(System.Globalization.CultureInfo.InvariantCulture),
                ["fields"] = string.Join(",", change.Fields.Take(50).Select(field => field.Field)),
            },
        });
        return hosts;
    }
}
