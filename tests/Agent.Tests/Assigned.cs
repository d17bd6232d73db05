using Fleet.Agent.Edge;
using Fleet.Protocol.V1;

namespace Fleet.Agent.Tests;

/// <summary>Assignments as they come in from the coordinator.</summary>
internal static class Assigned
{
    public static HostAssignment Of(Assignment message) =>
        HostAssignment.Read(message, out var problem) ?? throw new ArgumentException(problem, nameof(message));
}
