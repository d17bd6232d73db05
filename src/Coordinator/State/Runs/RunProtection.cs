using Fleet.Coordinator.State.Policies;
using Fleet.Protocol.V1;

namespace Fleet.Coordinator.State.Runs;

/// <summary>The policy of a run, and how it stands on the run's host before something happens to the run.</summary>
internal sealed record RunProtection(PolicySpec Spec, PolicyHostRow Row);
