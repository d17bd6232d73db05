using Fleet.Coordinator.State.Policies;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Runs;

/// <summary>The policy of a run, and its state on the run's host before an input is applied to the run.</summary>
internal sealed record RunProtection(PolicySpec Spec, PolicyHostRow Row);
